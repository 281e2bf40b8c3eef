import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { describe, expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.js';

const golden = 'golden/kernels/tiny-roberta/SST-2-sgd';

// The authors' kernels lie beside the repository, in ../shared.
describe.skipIf(!hasShared(golden))("the authors' stored kernels", () => {
  it('are solved from their directory to the accuracy that the authors report', async () => {
    const directory = await temporaryDirectory();
    await cp(sharedPath(golden), directory, { recursive: true });
    const info = JSON.parse(await readFile(join(directory, 'info.json'), 'utf8'));
    const { code, stdout } = await runCli(['solve', directory, '--quiet', '--json']);
    expect(code).toBe(0);
    const [solved] = JSON.parse(stdout);
    expect(solved.scores.kernel.search).toHaveLength(25);
    expect(solved.metrics).toEqual(['accuracy']);
    expect(JSON.parse(await readFile(join(directory, 'solve.json'), 'utf8'))).toEqual(solved);
    // Their run solved without ridge, and with f0 as it is.
    const argv = ['solve', directory, '--quiet', '--json', '--ridge', '0', '--f0-scales', '1'];
    const [theirs] = JSON.parse((await runCli(argv)).stdout);
    expect(theirs.scores.kernel.test.accuracy).toBeCloseTo(Number(info.test_results.eval_acc), 10);
    expect(theirs.scores.kernel.dev.accuracy).toBeCloseTo(Number(info.eval_results.eval_acc), 10);
  });
  it('without logits are solved without f0, and there is no zero-shot result', async () => {
    const directory = await temporaryDirectory();
    await cp(sharedPath(`${golden}-noemb`), directory, { recursive: true });
    const info = JSON.parse(await readFile(join(directory, 'info.json'), 'utf8'));
    const argv = ['solve', directory, '--quiet', '--json', '--ridge', '0'];
    const [solved] = JSON.parse((await runCli(argv)).stdout);
    expect(solved.scores).not.toHaveProperty('zeroShot');
    expect(solved.scores.kernel.chosen).toEqual({ ridge: 0, f0Scale: null });
    expect(solved.scores.kernel.test.accuracy).toBeCloseTo(Number(info.test_results.eval_acc), 10);
  });
  it('of several directories give a row each and their mean', async () => {
    const parent = await temporaryDirectory();
    for (const name of ['a', 'b']) await cp(sharedPath(golden), join(parent, name), { recursive: true });
    const { stdout } = await runCli(['solve', join(parent, 'a'), join(parent, 'b'), '--quiet']);
    expect(stdout).toMatch(/│ a .*\n.*│ b .*\n.*\n.*│ mean ± sd .* ± 0\.0/);
  });
});
