import type { NDArray } from '@ntk-lens/core';
import type { Resident, Runtime, tf } from '@ntk-lens/engine';
import { expect } from 'vitest';
import { StageChain } from '../chain/stage-chain.js';
import { defineBackward, type LogitWeights } from '../chain/stage-programs.js';
import type { Named } from '../chain/stage-tensors.js';
import { type ChainCase, type Masks, uploadBatch, uploadWeights } from './chain-case.js';

/** Everything that a backward pass has. */
export const everything = defineBackward('everything', ({ activation, cotangents, weight }, { wanted }) => ({
  sites: Object.fromEntries(
    wanted.sites.map((site) => [site, { a: activation(site), b: cotangents(site) }] as const),
  ) as Named<{ readonly a: tf.Tensor; readonly b: readonly tf.Tensor[] }>,
  weights: Object.fromEntries(wanted.weights.map((local) => [local, weight(local)] as const)) as Named<
    readonly tf.Tensor[]
  >,
}));

/** Options of a chain's run: backwards, too, if there are logitWeights. */
export interface PassOptions {
  readonly logitWeights?: LogitWeights;
  readonly keep?: (stage: number) => readonly string[];
  readonly masks?: Masks;
}

/** The result of a pass. */
export interface Pass {
  readonly logits: NDArray;
  /** Gradients of weights, by stage. */
  readonly weights: readonly Named<readonly NDArray[]>[];
  readonly sites: readonly Named<{ readonly a: NDArray; readonly b: readonly NDArray[] }>[];
}

/** Forward and, from logitWeights, backward through a whole chain; nothing stays but the weights, which are then released, too. */
export const pass = async (
  runtime: Runtime,
  network: ChainCase,
  { logitWeights, keep, masks }: PassOptions,
): Promise<Pass> => {
  const before = runtime.residentBytes;
  const resident = await uploadWeights(runtime, network);
  const { stages } = network;
  const chain = new StageChain({
    runtime,
    stages,
    weightsOf: (stage) => resident.get(stage)!,
    logitWeights,
  });
  const batch = await uploadBatch(runtime, network);
  const uploaded = runtime.residentBytes;
  const uploadMasks = async (stage: number) => {
    const own: Record<string, Resident> = {};
    for (const [place, array] of Object.entries(masks?.[stage] ?? {}))
      own[place] = await runtime.upload({ ...array, data: array.data.slice() });
    return own;
  };
  const y = await chain.forward(batch, { holdFrom: 0, keep, masks: uploadMasks });
  const logits = await runtime.download(y);
  runtime.release([y]);
  const weights: Named<readonly NDArray[]>[] = stages.map(() => ({}));
  const sites: Named<{ readonly a: NDArray; readonly b: readonly NDArray[] }>[] = stages.map(() => ({}));
  const download = async (tensors: readonly Resident[]): Promise<readonly NDArray[]> => {
    const arrays: NDArray[] = [];
    for (const tensor of tensors) arrays.push(await runtime.download(tensor));
    runtime.release(tensors);
    return arrays;
  };
  for (let i = logitWeights ? stages.length - 1 : -1; i >= 0; i--) {
    const stage = stages[i]!;
    const wanted = {
      sites: stage.sites.map(({ name }) => name),
      weights: Object.keys(stage.weights),
      input: i > 0,
    };
    const taken = await chain.backward(i, batch, everything, { wanted });
    const own: Record<string, readonly NDArray[]> = {};
    for (const [local, gradients] of Object.entries(taken.weights)) own[local] = await download(gradients);
    weights[i] = own;
    const factors: Record<string, { a: NDArray; b: readonly NDArray[] }> = {};
    for (const [site, { a, b }] of Object.entries(taken.sites))
      factors[site] = { a: (await download([a]))[0]!, b: await download(b) };
    sites[i] = factors;
  }
  expect(batch.cotangents).toEqual([]);
  // After the backward pass, the side inputs alone are left of the batch.
  if (logitWeights) expect(runtime.residentBytes).toBe(uploaded);
  runtime.release(batch.tensors());
  for (const own of resident.values()) runtime.release(Object.values(own));
  expect(runtime.residentBytes).toBe(before);
  return { logits, weights, sites };
};
