import { randomUUID } from 'node:crypto';
import { readdir, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, expect, it } from 'vitest';
import { comparableFiles } from '../testing/kills/compare-files.js';
import { runCli } from '../testing/run-cli.js';
import { readUnits, unitsName } from './manifest.js';
import { unitsStatus } from './status.js';

let root: string;
let model: string;
beforeAll(async () => {
  root = await temporaryDirectory();
  model = await tinyModel(join(root, 'tiny'));
});

const bytesIn = async (directory: string): Promise<number> => {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const sizes = files.map(async (file) =>
    file.isFile() ? (await stat(join(file.parentPath, file.name))).size : 0,
  );
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
};

const withoutUnits = (name: string): boolean => name !== unitsName;

const commands: readonly [string, readonly string[]][] = [
  ['check', ['--optimizer', 'sgd', '--steps', '2', '--trajectory', '1,2', '--early-steps', '1']],
  ['reproduce', ['--tasks', 'sentiment,topic', '--parts', 'tables', '--formula', 'sgd', '--steps', '2']],
];

it.each(sampled(commands, 1))(
  'units of %s are whole pieces of it, and leave what one process leaves',
  async (command, own) => {
    const argv = [
      ...[
        command,
        '--model',
        model,
        '--shots',
        '2',
        '--seeds',
        '13,21',
        '--limit-test',
        '6',
        '--threads',
        '1',
      ],
      ...[...own, '--quiet'],
    ];
    const [alone, shared] = [join(root, `${command}-alone`), join(root, `${command}-shared`)];
    expect(await runCli([...argv, '--out', alone])).toMatchObject({ code: 0 });
    const plan = await runCli([...argv, '--out', shared, '--plan-units', '--workers', '2']);
    expect(plan.stdout).toMatch(/units for 2 workers/);
    expect(plan.stdout).toMatch(
      /the units compute [\d.]+ [TGM]FLOP in all, and no unit repeats the work of another/,
    );
    // A process that was killed while it wrote leaves this; the results are those of one that was not.
    await writeFile(join(shared, `config.json.${randomUUID()}.tmp`), '{');
    const { units } = await readUnits(shared);
    expect(units.length).toBeGreaterThanOrEqual(2);
    for (const unit of units) expect(unit.flops).toBeGreaterThan(0);
    const worker = ['worker', '--units', shared, '--model', model, '--quiet'];
    for (const index of ['1/2', '0/2', '1/2'])
      expect(await runCli([...worker, '--index', index])).toMatchObject({ code: 0 });
    expect((await unitsStatus(shared)).counts.done).toBe(units.length);
    if (command === 'check')
      // Arrays are nearly all of what is written; the rest are records and reports.
      for (const { folder, bytes } of units) {
        const written = await bytesIn(join(shared, folder));
        expect(written).toBeGreaterThan(0.8 * bytes!);
        expect(written).toBeLessThan(1.5 * bytes! + 200_000);
      }
    expect(await runCli([...worker, '--assemble'])).toMatchObject({ code: 0 });
    expect(await comparableFiles(shared, withoutUnits)).toEqual(await comparableFiles(alone, withoutUnits));
    expect((await unitsStatus(shared)).counts.done).toBe(units.length);
  },
);
