import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { fanIn, firstPosition, loadModel, StageChain, uploadStageWeights } from '@ntk-lens/models';
import { relativeDifference } from '@ntk-lens/testing/compare';
import { sampled } from '@ntk-lens/testing/sampled';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { architectureCase, architectureNames } from '../../../models/src/testing/architecture-cases.js';
import { Accumulators } from '../contract/accumulators.js';
import { StageContractor } from '../contract/stage-contractor.js';
import type { KeptSites } from '../plan/kept-values.js';
import type { KernelRequest } from '../request/kernel-request.js';
import { prepareKernels } from '../request/prepare.js';
import { forwardBatches, openBatch, releaseBatches } from './example-batch.js';
import { streamStages } from './stream-stages.js';

let runtime: Runtime;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
});
afterAll(() => runtime.close());
afterEach(() => {
  expect(runtime.residentBytes).toBe(0);
});

/** The kernel of one batch by itself, where the forward pass keeps the outputs of these sites. */
const kernelKeeping = async (request: KernelRequest, keep: (site: string) => boolean) => {
  const prepared = prepareKernels(request);
  const { stages } = prepared;
  const kept: KeptSites = stages.map(({ sites }, i) =>
    i < stages.length - 1
      ? sites.flatMap((site) => (fanIn(site) > 1 && keep(site.name) ? [site.name] : []))
      : [],
  );
  const { active, formula, padTo, logitWeights } = prepared;
  const { config } = request.model;
  const weights = await uploadStageWeights(runtime, request.model, stages, request);
  const chain = new StageChain({ runtime, stages, weightsOf: (stage) => weights.of(stage), logitWeights });
  const indices = request.train.map((_, i) => i);
  const batch = await openBatch(runtime, request.train, { indices, length: padTo }, config, prepared.words);
  await forwardBatches(chain, [batch], kept);
  const held = stages.flatMap((_, index) => Object.keys(batch.running.peek(index).kept));
  const size = {
    rows: indices.length,
    columns: 0,
    outputs: logitWeights.length,
    self: true,
    diagonal: false,
  };
  const into = new Accumulators('sum', formula, size);
  const lengths = { padTo, firstPosition: firstPosition(config) };
  const contractorOf = (runtime: Runtime) =>
    new StageContractor(
      { runtime, maps: formula, stages, active, lengths, tied: false, rates: prepared.rates },
      into,
    );
  const streaming = { active, lengths, phase: 'kernel', label: '1' };
  await streamStages(chain, [batch], [{ columns: [], contractorOf }], streaming);
  releaseBatches(runtime, [batch]);
  weights.release();
  expect(held.sort()).toEqual(kept.flat().sort());
  return { held, kernel: into.parts.get('sum')!.self!.kernel };
};

test.each(sampled(architectureNames, 2))(
  '%s: outputs that were kept give the kernel that outputs computed again give',
  async (name) => {
    const { directory, examples, labelWordIds } = architectureCase(name);
    const model = await loadModel(directory);
    try {
      const request = { model, runtime, formula: 'sgd', labelWordIds, train: examples, queries: {} } as const;
      const again = await kernelKeeping(request, () => false);
      expect(again.held).toEqual([]);
      const all = await kernelKeeping(request, () => true);
      // Six in every block.
      expect(all.held.length).toBeGreaterThanOrEqual(6);
      expect(relativeDifference(all.kernel, again.kernel)).toBeLessThan(1e-6);
      for (const site of new Set(all.held)) {
        const one = await kernelKeeping(request, (other) => other === site);
        expect(new Set(one.held)).toEqual(new Set([site]));
        expect(relativeDifference(one.kernel, again.kernel)).toBeLessThan(1e-6);
      }
    } finally {
      await model.close();
    }
  },
);
