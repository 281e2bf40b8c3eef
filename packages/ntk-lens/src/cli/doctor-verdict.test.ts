import { expect, it, vi } from 'vitest';
import { runCli } from '../testing/run-cli.js';

// How a model fails its checks is tested beside them; here, what the program makes of it.
vi.mock('../run/check-model.js', () => ({
  checkModel: async () => ({
    model: 'broken',
    runtime: { runtime: 'ort-cpu', version: '1', dtype: 'float32', threads: 1, reason: 'a test' },
    verdict: 'fail',
    checks: [
      {
        name: 'padding: logits',
        compares: 'two ways',
        statistic: 0.5,
        threshold: 1e-4,
        verdict: 'fail',
        detail: 'relative',
      },
    ],
  }),
}));

it('doctor --model ends with exit code 1 when a check fails, after the table, naming the check', async () => {
  const { code, stdout, stderr } = await runCli(['doctor', '--model', 'broken', '--quiet']);
  expect(code).toBe(1);
  expect(stdout).toMatch(/padding: logits .*5\.0e-1.*1\.0e-4.*fail/);
  expect(stderr).toMatch(/1 check failed \(padding: logits\)/);
});
