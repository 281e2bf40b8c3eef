import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BadArgumentError, CancelledError } from '@ntk-lens/core';
import { createRuntime, type Runtime, tf } from '@ntk-lens/engine';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { type LanguageModel, loadModel, modelTypes, type Stage } from '@ntk-lens/models';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { oracleCase } from '../testing/oracle-cases.js';
import { type SelfCheck, selfCheckModel } from './self-check-model.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());
afterEach(() => {
  expect(runtime.residentBytes).toBe(0);
});

const failed = ({ checks }: SelfCheck): string[] =>
  checks.filter(({ verdict }) => verdict === 'fail').map(({ name, statistic }) => `${name} ${statistic}`);

const oracle = oracleCase('roberta');

test('a model that exceeds the memory budget is refused with the budget that it needs, before a weight is read', async () => {
  const model = await loadModel(oracle.directory);
  const read = () => expect.fail('a weight was read');
  await expect(
    selfCheckModel({ model: { ...model, read }, runtime, memory: 512 * 2 ** 20 }),
  ).rejects.toMatchObject({ code: 'SELF_CHECK_MEMORY', message: expect.stringMatching(/at least 513 MiB/) });
  await model.close();
});

test('a sound model passes on two runtimes, with room to spare', async () => {
  const model = await loadModel(oracle.directory);
  const otherRuntime = await createRuntime({ runtime: 'tfjs-cpu' });
  const steps: number[] = [];
  const phases = new Set<string>();
  const result = await selfCheckModel({
    model,
    runtime,
    otherRuntime,
    examples: oracle.examples,
    labelWordIds: oracle.labelWordIds,
    onProgress: ({ phase, done }) => {
      phases.add(phase);
      if (phase === 'self-check') steps.push(done);
    },
  });
  expect(failed(result)).toEqual([]);
  expect(result.verdict).toBe('pass');
  expect(result.checks.map(({ verdict }) => verdict)).not.toContain('skipped');
  for (const { name, statistic, threshold } of result.checks)
    expect(statistic, name).toBeLessThan(threshold / 2);
  expect(steps).toEqual([0, 1, 2, 3]);
  expect([...phases]).toEqual(
    expect.arrayContaining(['sgd on ort-cpu, kernel', 'a-signgd on tfjs-cpu, kernel']),
  );
  expect(otherRuntime.residentBytes).toBe(0);
  await otherRuntime.close();
  await model.close();
});

test('the eager runtime passes alone; comparing runtimes is then skipped', async () => {
  const model = await loadModel(oracleCase('bert').directory);
  const eager = await createRuntime({ runtime: 'tfjs-cpu' });
  const result = await selfCheckModel({ model, runtime: eager, seed: 5 });
  expect(failed(result)).toEqual([]);
  const skipped = result.checks.filter(({ verdict }) => verdict === 'skipped');
  expect(skipped.map(({ name }) => name)).toEqual([
    'runtimes: logits',
    'runtimes: sgd kernel',
    'runtimes: signgd kernel',
    'runtimes: a-signgd kernel',
  ]);
  expect(eager.residentBytes).toBe(0);
  await eager.close();
  await model.close();
});

const fixtures = fileURLToPath(new URL('../../../models/fixtures/architectures/', import.meta.url));
const sound = [
  ...modelTypes.map((name) => ({ name, directory: join(fixtures, name) })),
  { name: 'the embedded model', directory: modelDirectory },
];

test.each(sampled(sound, 2))('passes: $name', async ({ directory }) => {
  const model = await loadModel(directory);
  const result = await selfCheckModel({ model, runtime, seed: 2 });
  expect(failed(result)).toEqual([]);
  await model.close();
});

describe('a model that is not sound fails', () => {
  const broken = async (change: (stage: Stage) => Stage): Promise<SelfCheck> => {
    const model = await loadModel(oracle.directory);
    const stages = (ids: readonly number[]) => model.stages(ids).map(change);
    const result = await selfCheckModel({ model: { ...model, stages } satisfies LanguageModel, runtime });
    await model.close();
    return result;
  };

  test('when attention sees the padding', async () => {
    const result = await broken((stage) => ({
      ...stage,
      identity: `leaking ${stage.identity}`,
      apply: (context, weights, side, x) =>
        stage.apply(context, weights, { ...side, attention: tf.onesLike(side.attention) }, x),
    }));
    expect(result.verdict).toBe('fail');
    expect(failed(result).join()).toContain('padding: logits');
    expect(failed(result).join()).toContain('padding: gradient');
  });

  test('when examples of a batch see each other', async () => {
    const result = await broken((stage) => ({
      ...stage,
      identity: `mixing ${stage.identity}`,
      apply: (context, weights, side, x) =>
        stage.apply(context, weights, side, x?.add(x.mean(0, true).mul(0.01))),
    }));
    expect(failed(result).join()).toContain('batch: logits');
  });

  test('when a site is forgotten, so that its parameters have no gradient', async () => {
    const result = await broken((stage) => ({
      ...stage,
      sites: stage.sites.filter(({ name }) => name !== 'value'),
    }));
    expect(failed(result).join()).toContain('finite differences: random direction');
  });

  test('when a site reports another activation than its own', async () => {
    const result = await broken((stage) => ({
      ...stage,
      identity: `lying ${stage.identity}`,
      apply: (context, weights, side, x) =>
        stage.apply(
          {
            site: (name, activation, output) =>
              context.site(name, name === 'intermediate' ? activation.mul(1.1) : activation, output),
          },
          weights,
          side,
          x,
        ),
    }));
    expect(failed(result).join()).toContain('finite differences: sgd kernel');
  });
});

test('too few examples or label words are refused, and a cancelled check stops', async () => {
  const model = await loadModel(oracle.directory);
  const one = oracle.examples.slice(0, 1);
  await expect(selfCheckModel({ model, runtime, examples: one })).rejects.toThrow(BadArgumentError);
  await expect(selfCheckModel({ model, runtime, labelWordIds: [5, 5] })).rejects.toThrow(BadArgumentError);
  for (const stop of [1, 2, 3, 4]) {
    const controller = new AbortController();
    let seen = 0;
    const stopped = selfCheckModel({
      model,
      runtime,
      otherRuntime: runtime,
      signal: controller.signal,
      onProgress: ({ phase }) => {
        if (phase === 'self-check' && ++seen === stop) controller.abort();
      },
    });
    await expect(stopped).rejects.toThrow(CancelledError);
    expect(runtime.residentBytes).toBe(0);
  }
  await model.close();
});
