import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRuntime, knownProfile, type MachineProfile, processorAtHand } from '@ntk-lens/engine';
import { writeMachineProfile } from '@ntk-lens/lens';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, expect, it } from 'vitest';
import { editSealed } from '../testing/edit-sealed.js';
import { runCli } from '../testing/run-cli.js';

let folder: string;
let kernel: readonly string[];
let profile: MachineProfile;
beforeAll(async () => {
  folder = await temporaryDirectory();
  const model = await tinyModel(join(folder, 'tiny'));
  kernel = [
    'kernel',
    '--model',
    model,
    '--shots',
    '2',
    '--limit-test',
    '4',
    '--quiet',
    '--runtime',
    'ort-cpu',
  ];
  const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  const machine = { ...processorAtHand(1), runtime: 'ort-cpu', version: runtime.info.version };
  await runtime.close();
  const known = knownProfile(machine);
  profile = { ...known, source: 'measured', rates: { ...known.rates, newPages: 9e9 } };
});

const write = (name: string, other: Partial<MachineProfile['machine']> = {}): Promise<string> =>
  writeMachineProfile({ ...profile, machine: { ...profile.machine, ...other } }, join(folder, name));
const manifestIn = async (out: string) => JSON.parse(await readFile(join(out, 'manifest.json'), 'utf8'));

it('a run records its profile and budget, and goes on with them whatever is given later', async () => {
  const out = join(folder, 'run');
  const own = ['--profile', await write('own.json'), '--memory', '3GB', '--threads', '1', '--out', out];
  expect(await runCli([...kernel, ...own])).toMatchObject({ code: 0 });
  const { plan } = await manifestIn(out);
  expect(plan).toEqual({ memory: 3e9, profile });
  const whole = await readFile(join(out, 'test.npy'));
  // As a kill leaves it.
  await editSealed(join(out, 'manifest.json'), ({ environment: _, ...content }) => ({
    ...content,
    files: {},
  }));
  const other = ['--profile', await write('other.json', { processor: 'Abacus' }), '--memory', '2GB'];
  expect(await runCli([...kernel, ...other, '--threads', '1', '--out', out])).toMatchObject({ code: 0 });
  expect((await manifestIn(out)).plan).toEqual(plan);
  expect(await readFile(join(out, 'test.npy'))).toEqual(whole);
}, 30_000);

it('a profile that is damaged, or of another machine, is refused before anything is written', async () => {
  const out = join(folder, 'refused');
  const refused = async (file: string) => {
    const { code, stderr } = await runCli([...kernel, '--threads', '1', '--out', out, '--profile', file]);
    expect(code).toBe(2);
    await expect(readFile(join(out, 'manifest.json'))).rejects.toThrow();
    return stderr;
  };
  expect(await refused(await write('abacus.json', { processor: 'Abacus' }))).toMatch(
    /processor: found Abacus/,
  );
  expect(await refused(await write('threads.json', { threads: 7 }))).toMatch(/threads: found 7, expected 1/);
  const damaged = await write('damaged.json');
  await writeFile(damaged, (await readFile(damaged, 'utf8')).replace('9000000000', '8000000000'));
  expect(await refused(damaged)).toMatch(/damaged\.json: found a damaged one/);
  expect(await refused(join(folder, 'absent.json'))).toMatch(/absent\.json: found no file/);
}, 30_000);
