import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { loadModel, uploadStageWeights } from '@ntk-lens/models';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { architectureCase, architectureNames } from '../../../models/src/testing/architecture-cases.js';
import type { KernelRequest } from '../kernel-request.js';
import type { KeptSites } from '../plan/kept-outputs.js';
import { contextOf, prepareKernels } from '../prepare.js';
import { relativeDifference } from '../testing/compare.js';
import { blockPass } from './block-pass.js';
import { uploadBatch } from './example-batch.js';
import { forwardBatch } from './forward-pass.js';

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
      ? sites.flatMap(({ kind, name }) => (kind === 'linear' && keep(name) ? [name] : []))
      : [],
  );
  const weights = await uploadStageWeights(runtime, request.model, stages, request);
  const context = contextOf(request, { ...prepared, kept }, weights);
  const indices = request.train.map((_, i) => i);
  const batch = await uploadBatch(
    runtime,
    request.train,
    { indices, length: prepared.padTo },
    request.model.config,
  );
  await forwardBatch(context, batch);
  const held = batch.kept.flatMap((outputs) => Object.keys(outputs));
  const { parts } = await blockPass(context, {
    rows: [batch],
    columns: [],
    self: true,
    level: 'sum',
    label: '1',
  });
  runtime.release([...Object.values(batch.side), ...batch.cotangents]);
  weights.release();
  expect(held.sort()).toEqual(kept.flat().sort());
  return { held, kernel: parts.get('sum')!.self!.kernel };
};

test.each(architectureNames)(
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
