import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formulaNames } from '@ntk-lens/kernels/formulas';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it } from 'vitest';
import { writeAdamState } from '../testing/adam-state.js';
import { runCli } from '../testing/run-cli.js';

let [folder, model, state] = ['', '', ''];
beforeAll(async () => {
  folder = await temporaryDirectory();
  model = await tinyModel(join(folder, 'tiny'));
  state = join(folder, 'optimizer.pt');
  await writeAdamState(state, model);
});

/** Runs `ntk-lens run` on the tiny model; it must be refused with exit code 2 before anything is written. */
const refused = async (...argv: string[]): Promise<string> => {
  const out = join(await temporaryDirectory(), 'out');
  const small = ['--model', model, '--shots', '2', '--limit-test', '3', '--runtime', 'ort-cpu'];
  const options = ['--quiet', '--json', '--out', out, ...small, ...argv];
  const { code, stdout, stderr } = await runCli(['run', ...options]);
  const error = JSON.parse(stderr);
  expect({ code, stdout, error }).toMatchObject({ code: 2, stdout: '', error: { kind: 'input' } });
  await expect(readdir(out)).rejects.toThrow();
  return `${error.code}: ${error.message}`;
};

describe('formulas that cannot be taken are refused with exit code 2 before any work', () => {
  it('an unknown one: lists those that there are', async () => {
    const out = join(folder, 'none');
    const { code, stderr } = await runCli(['run', '--formula', 'sgd,fisher', '--out', out]);
    expect(code).toBe(2);
    for (const name of formulaNames) expect(stderr).toContain(name);
    const file = join(folder, 'unknown.json');
    await writeFile(file, '{"formulas": ["fisher"]}');
    const message = await refused('--config', file);
    for (const name of formulaNames) expect(message).toContain(name);
  });

  it('A-SignGD for several outputs: names the others where there are more than two labels', async () => {
    expect(await refused('--formula', 'a-signgd')).toMatch(
      /a-signgd is defined for one output.*Add --binary/,
    );
    expect(await refused('--formula', 'a-signgd', '--task', 'topic')).toMatch(
      /Choose among adam, cosine, sgd, signgd, or a task of 2 labels/,
    );
  });

  it('Adam in a random subspace', async () => {
    expect(await refused('--formula', 'adam', '--space', 'full,intrinsic:64')).toMatch(
      /^CONFLICTING_OPTIONS: --formula adam scales .* coordinates of intrinsic:.* mix parameters/,
    );
  });
});

describe('an optimizer state is refused with exit code 2', () => {
  it('without the formula that reads it, or where a new head is trained', async () => {
    expect(await refused('--optimizer-state', state)).toMatch(
      /^CONFLICTING_OPTIONS: --optimizer-state is read by the formula adam only, and --formula has sgd/,
    );
    const adam = ['--formula', 'adam'];
    expect(await refused(...adam, '--optimizer-names', 'names.json')).toMatch(/Add --optimizer-state/);
    expect(await refused(...adam, '--optimizer-beta2', '0.9')).toMatch(/Add --optimizer-state/);
    expect(await refused(...adam, '--optimizer-state', state, '--no-prompt')).toMatch(/--no-prompt/);
    const { code, stderr } = await runCli([
      'run',
      ...adam,
      '--optimizer-state',
      state,
      '--optimizer-beta2',
      '1',
    ]);
    expect([code, stderr]).toEqual([2, expect.stringContaining('a number ≥ 0 and < 1')]);
  });

  it('that is not there, or is of another model, without the weights being read', async () => {
    const adam = ['--formula', 'adam', '--optimizer-state'];
    expect(await refused(...adam, join(folder, 'missing.pt'))).toMatch(/--optimizer-state.*missing\.pt/);
    expect(await refused(...adam, folder)).toMatch(/a directory/);
    expect(await refused(...adam, state, '--optimizer-names', join(folder, 'no.json'))).toMatch(
      /--optimizer-names.*no\.json/,
    );
    const other = join(folder, 'other');
    await mkdir(other);
    for (const name of await readdir(model)) await cp(join(model, name), join(other, name));
    const config = JSON.parse(await readFile(join(other, 'config.json'), 'utf8'));
    await writeFile(join(other, 'config.json'), JSON.stringify({ ...config, num_hidden_layers: 1 }));
    // A weight that is no number would be seen as soon as weights are read.
    const weights = await readFile(join(other, 'model.safetensors'));
    weights.fill(0xff, weights.length - 4);
    await writeFile(join(other, 'model.safetensors'), weights);
    const message = await refused(...adam, state, '--model', other);
    expect(message).toMatch(/^OPTIMIZER_MODEL: .*optimizer\.pt is the state of another model: .*layer\.1\./);
  });

  it('that lacks a parameter of the kernel', async () => {
    const partly = join(folder, 'partly.pt');
    await writeAdamState(partly, model, { trained: (name) => !name.includes('LayerNorm') });
    const adam = ['--formula', 'adam', '--optimizer-state'];
    expect(await refused(...adam, partly)).toMatch(/^NO_SECOND_MOMENT: .*LayerNorm/);
    expect(await refused(...adam, state, '--space', 'lora:r=2')).toMatch(/^NO_SECOND_MOMENT: .*lora_[AB]/);
  });

  it('whose second moment is negative', async () => {
    const negative = join(folder, 'negative.pt');
    await writeAdamState(negative, model, { first: -1 });
    const argv = ['--formula', 'adam', '--optimizer-state', negative];
    expect(await refused(...argv)).toMatch(/^SECOND_MOMENT_VALUE: .*negative\.pt has -1 at flat index 0/);
  });
});
