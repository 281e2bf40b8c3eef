import { zeros } from '@ntk-lens/core';
import { createRuntime, type Resident, type Runtime, tf } from '@ntk-lens/engine';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Stage } from '../stages/stage.js';
import { type ChainCase, chainCase, uploadBatch, uploadWeights } from '../testing/chain-case.js';
import { everything } from '../testing/chain-pass.js';
import { type ChainBatch, type ChainOptions, type ForwardHooks, StageChain } from './stage-chain.js';
import { defineBackward } from './stage-programs.js';

tf.env().set('PROD', true);
let network: ChainCase;
const runtimes: Partial<Record<string, Runtime>> = {};
beforeAll(async () => {
  network = await chainCase('bert');
  runtimes['ort-cpu'] = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  runtimes['tfjs-cpu'] = await createRuntime({ runtime: 'tfjs-cpu' });
});
afterAll(async () => {
  for (const runtime of Object.values(runtimes)) await runtime?.close();
});

const failing: typeof everything = defineBackward('failing', () => {
  throw new Error('taken badly');
});

interface Scene {
  readonly runtime: Runtime;
  readonly chain: (options?: Partial<ChainOptions>) => StageChain;
  readonly weightsOf: (stage: Stage) => Readonly<Record<string, Resident>>;
  readonly indexOf: (stage: Stage) => number;
  readonly batch: ChainBatch;
}

/** Gives what a test needs; afterwards nothing but the batch's own tensors may be resident. */
const withScene = async (at: string, test: (scene: Scene) => Promise<void>): Promise<void> => {
  const runtime = runtimes[at]!;
  const start = runtime.residentBytes;
  const resident = await uploadWeights(runtime, network);
  const weightsOf = (stage: Stage) => resident.get(stage)!;
  const before = runtime.residentBytes;
  const batch = await uploadBatch(runtime, network);
  const logitWeights = [
    [1, ...Array<number>(network.weights.at(-1)!['decoder.weight']!.shape[0]! - 1).fill(0)],
  ];
  await test({
    runtime,
    batch,
    weightsOf,
    indexOf: (stage) => network.stages.indexOf(stage),
    chain: (options = {}) =>
      new StageChain({ runtime, stages: network.stages, weightsOf, logitWeights, ...options }),
  });
  runtime.release(batch.tensors());
  expect(runtime.residentBytes).toBe(before);
  for (const own of resident.values()) runtime.release(Object.values(own));
  expect(runtime.residentBytes).toBe(start);
};

const wantedOf = (stage: Stage) => ({
  sites: stage.sites.map(({ name }) => name),
  weights: Object.keys(stage.weights),
  input: true,
});
const allSites = (index: number) => network.stages[index]!.sites.map(({ name }) => name);
const atStage = [0, 1, 2, 3];

/** Forward with everything held, and backward down to a stage, which is left to do. */
const backwardTo = async (stop: number, { chain, batch, runtime }: Scene): Promise<void> => {
  const whole = chain();
  runtime.release([await whole.forward(batch, { holdFrom: 0, keep: allSites })]);
  for (let i = network.stages.length - 1; i > stop; i--) {
    const { sites, weights } = await whole.backward(i, batch, everything, {
      wanted: wantedOf(network.stages[i]!),
    });
    for (const { a, b } of Object.values(sites)) runtime.release([a, ...b]);
    for (const gradients of Object.values(weights)) runtime.release(gradients);
  }
};

it('the network has the stages that the tests go through', () => {
  expect(network.stages.length).toBe(atStage.length);
});

describe.each(['ort-cpu', 'tfjs-cpu'])('on %s nothing stays resident', (at) => {
  it.each([0, 2, Number.POSITIVE_INFINITY])('after a forward pass that holds from stage %d', (holdFrom) =>
    withScene(at, async ({ chain, batch, runtime }) => {
      const before = runtime.residentBytes;
      const y = await chain().forward(batch, { holdFrom, keep: allSites });
      const held = batch.tensors().reduce((sum, { bytes }) => sum + bytes, 0);
      const side = Object.values(batch.side).reduce((sum, { bytes }) => sum + bytes, 0);
      expect(runtime.residentBytes).toBe(before + (held - side) + y.bytes);
      expect(held > side).toBe(holdFrom < network.stages.length);
      runtime.release([y]);
    }),
  );

  it('after a second forward pass that holds again', () =>
    withScene(at, async ({ chain, batch, runtime }) => {
      const first = await chain().forward(batch, { holdFrom: 0, keep: allSites });
      const bytes = runtime.residentBytes;
      const second = await chain().forward(batch, { holdFrom: 0, keep: allSites });
      expect(runtime.residentBytes).toBe(bytes + second.bytes);
      runtime.release([first, second]);
    }));

  describe.each(atStage)('when stage %d fails forward', (k) => {
    const expectFailure = (
      message: string | RegExp,
      options: (scene: Scene) => Partial<ChainOptions>,
      hooks: (scene: Scene) => ForwardHooks = () => ({}),
    ) =>
      withScene(at, async (scene) => {
        for (const holdFrom of [0, k, k + 1, Number.POSITIVE_INFINITY]) {
          const chain = scene.chain(options(scene));
          await expect(
            chain.forward(scene.batch, { holdFrom, keep: allSites, ...hooks(scene) }),
          ).rejects.toThrow(message);
        }
      });

    it('for want of its weights', () =>
      expectFailure('disk', ({ weightsOf, indexOf }) => ({
        weightsOf: async (stage) => {
          if (indexOf(stage) === k) throw new Error('disk');
          return weightsOf(stage);
        },
      })));

    it('in its program', () =>
      expectFailure(/applied without its weights/, ({ weightsOf, indexOf }) => ({
        weightsOf: (stage) => (indexOf(stage) === k ? {} : weightsOf(stage)),
      })));

    it('in the hook that makes masks', () =>
      expectFailure(
        'masks',
        () => ({}),
        () => ({
          masks: async (index) => {
            if (index === k) throw new Error('masks');
            return {};
          },
        }),
      ));

    // The head drops nothing, so it takes any mask.
    it.runIf(k < 3)('for a mask of another shape than its place', () =>
      expectFailure(
        /broadcast/,
        () => ({}),
        ({ runtime }) => ({
          masks: async (index) => {
            if (index !== k) return {};
            const place = k === 0 ? 'embeddings' : 'attention.output';
            return { [place]: await runtime.upload(zeros('float32', [7, 5, 3])) };
          },
        }),
      ),
    );

    it('in the hook that looks at its output', () =>
      expectFailure(
        'overflow',
        () => ({}),
        ({ indexOf }) => ({
          after: async (stage) => {
            if (indexOf(stage) === k) throw new Error('overflow');
          },
        }),
      ));

    it('as it is cancelled', () =>
      expectFailure(/A test was cancelled/, ({ weightsOf, indexOf }) => {
        const controller = new AbortController();
        if (k === 0) controller.abort();
        return {
          signal: controller.signal,
          what: 'A test',
          weightsOf: (stage) => {
            if (indexOf(stage) === k - 1) controller.abort();
            return weightsOf(stage);
          },
        };
      }));
  });

  describe.each(atStage)('when stage %d fails backward, and it can be run again', (k) => {
    const expectFailure = (
      message: string | RegExp,
      options: (scene: Scene) => Partial<ChainOptions>,
      program = everything,
    ) =>
      withScene(at, async (scene) => {
        await backwardTo(k, scene);
        const before = scene.runtime.residentBytes;
        const settings = { wanted: wantedOf(network.stages[k]!) };
        await expect(scene.chain(options(scene)).backward(k, scene.batch, program, settings)).rejects.toThrow(
          message,
        );
        expect(scene.runtime.residentBytes).toBe(before);
        await backwardOnce(k, scene);
        expect(scene.batch.peek(k)).toEqual({ x: undefined, kept: {}, masks: {} });
      });
    const backwardOnce = async (stage: number, { chain, batch, runtime }: Scene) => {
      const { sites, weights } = await chain().backward(stage, batch, everything, {
        wanted: wantedOf(network.stages[stage]!),
      });
      for (const { a, b } of Object.values(sites)) runtime.release([a, ...b]);
      for (const gradients of Object.values(weights)) runtime.release(gradients);
    };

    it('for want of its weights', () =>
      expectFailure('disk', () => ({ weightsOf: () => Promise.reject(new Error('disk')) })));

    it('in its program', () => expectFailure(/taken badly/, () => ({}), failing));

    it('as it is cancelled', () => expectFailure(/was cancelled/, () => ({ signal: AbortSignal.abort() })));
  });

  it('when there is nothing to start from backwards', () =>
    withScene(at, async ({ chain, batch, runtime }) => {
      runtime.release([await chain().forward(batch, { holdFrom: 0 })]);
      const settings = { wanted: { sites: [], weights: [], input: true } };
      const without = new StageChain({
        runtime,
        stages: network.stages,
        weightsOf: () => Promise.resolve({}),
      });
      await expect(without.backward(3, batch, everything, settings)).rejects.toThrow(/head.*no cotangents/);
      await expect(chain().backward(1, batch, everything, settings)).rejects.toThrow(
        /layer.0.*no cotangents/,
      );
    }));

  it('when a stage is asked for that there is not', () =>
    withScene(at, async ({ chain, batch }) => {
      const settings = { wanted: { sites: [], weights: [], input: true } };
      await expect(chain().backward(9, batch, everything, settings)).rejects.toThrow(/no stage 9 among 4/);
    }));
});

it('eager passes leave no tensors of tfjs either', () =>
  withScene('tfjs-cpu', async (scene) => {
    const before = tf.memory().numTensors;
    await backwardTo(-1, scene);
    expect(scene.batch.cotangents).toEqual([]);
    expect(tf.memory().numTensors).toBe(before);
  }));
