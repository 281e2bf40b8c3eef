import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TwoLayerCheck } from '@ntk-lens/tensor-programs';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.js';

it('check --two-layer prints three verdicts and the nine medians that they rest on', async () => {
  const out = await temporaryDirectory();
  const printed = await runCli(['check', '--two-layer', '-o', out]);
  expect(printed.code).toBe(0);
  const found = JSON.parse(await readFile(join(out, 'findings.json'), 'utf8')) as TwoLayerCheck;
  expect(found.findings.map(({ subject, verdict }) => [subject, verdict])).toEqual([
    ['SGD, η = 1', 'holds'],
    ['SignGD, η = 1', 'holds'],
    ['SignGD, η = n^(−1/2)', 'holds'],
  ]);
  expect(printed.stdout).toContain('medians of 30 networks');
  for (const { width, median, interval } of found.entries) {
    const short = (value: number) => String(Number(value.toPrecision(2)));
    expect(printed.stdout).toContain(
      `n = ${width}: ${short(median)} (${short(interval![0])} … ${short(interval![1])})`,
    );
  }
  const json = await runCli(['check', '--two-layer', '--json']);
  expect(JSON.parse(json.stdout)).toEqual(found);
});

it('check --two-layer with a ladder is bad input', async () => {
  const { code, stderr } = await runCli(['check', '--two-layer', '--ladder', 'models']);
  expect(code).toBe(2);
  expect(stderr).toContain('Leave one of them out');
});
