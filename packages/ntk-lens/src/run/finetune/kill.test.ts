import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { expect, it } from 'vitest';
import { bundleProgram } from '../../testing/bundle-program.js';
import { type SpawnOptions, spawnProgram } from '../../testing/spawn-program.js';

/** All files but `metrics.json`, which holds times. */
const filesOf = async (directory: string): Promise<Map<string, string>> => {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile() && entry.name !== 'metrics.json')
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
  return new Map(
    await Promise.all(
      names.map(
        async (name) => [name.slice(directory.length), (await readFile(name)).toString('base64')] as const,
      ),
    ),
  );
};

it('killed again and again, a training ends with the same bytes', async () => {
  const parent = await temporaryDirectory();
  const model = await tinyModel(join(parent, 'model'));
  const program = await bundleProgram(join(parent, 'program'));
  const argv = [
    ...[
      'finetune',
      '--model',
      model,
      '--shots',
      '2',
      '--seeds',
      '13,21',
      '--limit-test',
      '4',
      '--threads',
      '1',
    ],
    ...['--space', 'lora:r=2,dropout=0.1', '--optimizer', 'adam', '--lr', '1e-3,1e-2', '--steps', '24'],
    ...['--evaluate-every', '4', '--trajectory', '0,10', '--json'],
  ];
  const train = (out: string, options?: SpawnOptions) =>
    spawnProgram(program, [...argv, '--out', join(parent, out)], options);
  expect(await train('whole')).toMatchObject({ code: 0 });
  // In each of both samples and both rates, and between two checkpoints.
  for (const place of [
    /13 fine-tune.*lr 0.001.*/,
    /13 fine-tune.*lr 0.01 .*/,
    /21 fine-tune.*"done":(9|1\d)\b/,
  ]) {
    const { signal } = await train('killed', {
      onStderr: (text, child) => void (place.test(text) && child.kill('SIGKILL')),
    });
    expect(signal).toBe('SIGKILL');
  }
  expect(await train('killed')).toMatchObject({ code: 0 });
  expect(await filesOf(join(parent, 'killed'))).toEqual(await filesOf(join(parent, 'whole')));
}, 120_000);
