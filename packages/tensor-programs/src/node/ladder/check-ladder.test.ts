import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isError, Mt19937 } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ladderFindings } from '../../ladder/ladder-findings.js';
import type { LadderTask } from '../../ladder/measure-step.js';
import type { RungMeasurement } from '../../ladder/rung-measurement.js';
import { languageTask } from '../../language/labelled-task.js';
import { MixedLadderError, NoLadderError } from '../../pretrain/errors.js';
import { defaultScheme } from '../../pretrain/scheme.js';
import { pretrainLadder } from '../pretrain/pretrain-ladder.js';
import { checkLadder } from './check-ladder.js';
import { readLadder } from './read-ladder.js';

let runtime: Runtime;
let folder: string;
const ladder = (name: string) => join(folder, name);
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  folder = await mkdtemp(join(tmpdir(), 'ntk-lens-ladder-'));
  const scheme = { ...defaultScheme, steps: 4, batchSize: 4, layers: 1, baseWidth: 8 };
  const options = { runtime, seeds: [0, 1] };
  await pretrainLadder({ ...options, scheme, widths: [8, 16, 32], directory: ladder('mup') });
  const other = { ...scheme, parametrization: 'standard', learningRate: 1e-3 } as const;
  await pretrainLadder({ ...options, scheme: other, widths: [16], directory: ladder('standard') });
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

const task = (): LadderTask => {
  const { prompts, targets, labelWordIds } = languageTask({ name: 'topic', size: 12, seed: 2 });
  return {
    labelWordIds,
    train: { examples: prompts.slice(0, 4), labels: targets.slice(0, 4) },
    queries: { examples: prompts.slice(4), labels: targets.slice(4) },
  };
};

it('measures every model, and the narrowest move by 1 to first order', async () => {
  const seen: string[] = [];
  const { rungs, findings, exponents } = await checkLadder({
    runtime,
    directories: [ladder('mup')],
    task,
    onProgress: ({ detail }) => seen.push(detail!),
  });
  expect(rungs.map(({ width, seed }) => [width, seed])).toEqual(
    [8, 16, 32].flatMap((w) => [
      [w, 0],
      [w, 1],
    ]),
  );
  expect(seen).toHaveLength(18);
  for (const { chi, steps, width } of rungs) {
    expect(chi).toBeGreaterThan(0.5);
    expect(steps['signgd-shrinking'].learningRate).toBeCloseTo(
      steps.signgd.learningRate / Math.sqrt(width / 8),
      12,
    );
    for (const { relativeError, absoluteError, change, kernelChange } of Object.values(steps)) {
      expect(absoluteError).toBeCloseTo(relativeError * change, 12);
      expect(kernelChange).toBeGreaterThan(0);
    }
  }
  expect(exponents.chi).toBeDefined();
  expect(findings).toHaveLength(14);
  expect(findings.every(({ threshold, definition }) => threshold !== '' && definition !== '')).toBe(true);
});

it('is linear to first order: a tenth of the rate has about a tenth of the relative error', async () => {
  const at = async (sgd: number) => {
    const { rungs } = await checkLadder({
      runtime,
      directories: [join(ladder('mup'), 'width-32-seed-0')],
      task,
      learningRates: { sgd, signgd: sgd / 50 },
    });
    return rungs[0]!.steps;
  };
  const [large, small] = [await at(0.02), await at(0.002)];
  for (const kind of ['sgd', 'signgd'] as const) {
    const ratio = large[kind].relativeError / small[kind].relativeError;
    expect(ratio).toBeGreaterThan(4);
    expect(ratio).toBeLessThan(25);
    expect(large[kind].kernelChange / small[kind].kernelChange).toBeGreaterThan(4);
  }
});

it('two widths cannot tell, and give no number', async () => {
  const directories = ['width-8-seed-0', 'width-16-seed-0'].map((name) => join(ladder('mup'), name));
  const { findings, exponents } = await checkLadder({ runtime, directories, task });
  for (const { verdict, statistic, interval, note } of findings) {
    expect(verdict).toBe('cannot tell');
    expect([statistic, interval]).toEqual([undefined, undefined]);
    expect(note).toBeTruthy();
  }
  expect(findings[0]!.note).toBe('2 widths: an exponent needs three');
  expect(exponents.chi).toBeUndefined();
});

it('mixed ladders are refused, with the fields that differ', async () => {
  const mixed = readLadder([ladder('mup'), ladder('standard')]);
  await expect(mixed).rejects.toSatisfy((error) => isError(error, MixedLadderError));
  await expect(mixed).rejects.toThrow(/parametrization: "mup" and "standard"; learningRate: 0.004 and 0.001/);
  await expect(readLadder([folder])).rejects.toSatisfy((error) => isError(error, NoLadderError));
  await expect(readLadder([ladder('nowhere')])).rejects.toThrow(/no directory/);
});

it('a model whose config.json was edited is refused by the fields that its scheme has otherwise', async () => {
  const edited = ladder('edited');
  await cp(ladder('mup'), edited, { recursive: true });
  const file = join(edited, 'width-8-seed-0', 'config.json');
  const config = await readFile(file, 'utf8');
  await writeFile(file, config.replace('"layer_norm_eps": 0.00001', '"layer_norm_eps": 0.00003'));
  await expect(readLadder([edited])).rejects.toThrow(
    /config\.json of width-8-seed-0 and pretraining\.json are not of one scheme \(layerNormEps: 0\.00003 and 0\.00001\)/,
  );
  await writeFile(file, `${config}\n`);
  await expect(readLadder([edited])).resolves.toHaveLength(6);
});

it('models without a record are a ladder when their architectures agree', async () => {
  const plain = ladder('plain');
  for (const width of [8, 16]) {
    await cp(join(ladder('mup'), `width-${width}-seed-0`), join(plain, `w${width}`), { recursive: true });
    await rm(join(plain, `w${width}`, 'pretraining.json'));
  }
  const rungs = await readLadder([plain]);
  expect(rungs.map(({ width }) => width)).toEqual([8, 16]);
  expect(rungs[1]!.learningRateScale('adam')('anything')).toBe(1);
  const file = join(plain, 'w16', 'config.json');
  const config = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...config, hidden_act: 'relu' }));
  await expect(readLadder([plain])).rejects.toThrow(/activation: "relu" and "gelu"/);
});

/** Measurements that follow a law, with a little noise over seeds. */
const lawful = (chi: number, error: number): RungMeasurement[] =>
  [64, 128, 256, 512].flatMap((width) =>
    [0, 1].map((seed) => {
      const noise = 1 + 0.01 * seed;
      const step = {
        learningRate: 1,
        change: 1,
        absoluteError: 1,
        relativeError: noise * width ** error,
        kernelChange: noise * width ** error,
      };
      return {
        directory: '',
        width,
        seed,
        chi: noise * width ** chi,
        steps: {
          sgd: step,
          signgd: { ...step, relativeError: noise, kernelChange: noise },
          'signgd-shrinking': step,
        },
      };
    }),
  );

it('premise and conclusions make the verdict on the theorem', () => {
  const theorem = (chi: number, error: number) =>
    ladderFindings(lawful(chi, error))
      .findings.filter(({ condition }) => condition === 'theorem')
      .map(({ verdict, note }) => [verdict, note]);
  expect(theorem(-0.5, -0.5)[0]).toEqual(['holds', 'premise and conclusions are seen']);
  expect(theorem(-0.5, -0.5)[1]![0]).not.toBe('holds');
  expect(theorem(-0.5, 0.3)[0]![0]).toBe('fails');
  expect(theorem(0.2, -0.5)[2]![1]).toMatch(/premise is not seen.*seen all the same/);
});

it('errors that follow |χ| from model to model are seen where seeds hide them from width', () => {
  const random = new Mt19937(1);
  const rungs = lawful(-0.5, 0).map((rung) => {
    const chi = rung.chi * Math.exp(1.5 * random.standardNormal());
    const sgd = { ...rung.steps.sgd, relativeError: 3 * chi, kernelChange: chi ** 2 };
    return { ...rung, chi, steps: { ...rung.steps, sgd } };
  });
  const { findings, exponents } = ladderFindings(rungs);
  const of = (condition: string, subject: string) =>
    findings.find((finding) => finding.condition === condition && finding.subject === subject)!;
  expect(of('linearization', 'SGD, η = Θ(1)').verdict).toBe('cannot tell');
  expect(of('linearization', 'SGD, η = Θ(1), against |χ|')).toMatchObject({ verdict: 'holds' });
  expect(exponents.inChi.sgd!.linearization.slope).toBeCloseTo(1, 10);
  expect(exponents.inChi.sgd!.kernelChange.slope).toBeCloseTo(2, 10);
  expect(of('linearization', 'SignGD, η fixed, against |χ|').verdict).not.toBe('holds');
  // Three models, one of each width, are on a line too easily.
  const few = ladderFindings(rungs.filter(({ seed, width }) => seed === 0 && width < 512));
  expect(few.exponents.inChi).toEqual({});
  expect(few.findings.find(({ subject }) => subject?.endsWith('|χ|'))!.note).toMatch(/6 models/);
});

it('an exponent below 0 through widths that go up and down is no law', () => {
  const bumps = [1, 0.1, 0.02, 0.6];
  const rungs = lawful(-0.5, -0.5).map((rung, i) => ({
    ...rung,
    chi: bumps[Math.floor(i / 2)]! * (1 + 0.01 * rung.seed),
  }));
  const [natural] = ladderFindings(rungs).findings;
  expect(natural!.interval![1]).toBeLessThan(0);
  expect(natural).toMatchObject({
    verdict: 'cannot tell',
    note: expect.stringMatching(/R² of the law 0\.[0-4]/),
  });
});
