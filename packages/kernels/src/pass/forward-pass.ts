import { firstNonFinite, type NDArray, throwIfCancelled } from '@ntk-lens/core';
import type { Resident } from '@ntk-lens/engine';
import { NonFiniteActivationError, type Stage } from '@ntk-lens/models';
import { forwardProgram, type StageDims } from '../factors/stage-programs.js';
import type { ExampleBatch } from './example-batch.js';
import type { PassContext } from './kernel-context.js';

/** Sizes of a stage's programs for a batch, from the state that enters the stage. */
export const dimsOf = (
  context: PassContext,
  stage: Stage,
  batch: ExampleBatch,
  state: Resident | undefined,
): StageDims => ({
  stageFunction: context.functionOf(stage),
  n: batch.indices.length,
  length: batch.length,
  ...(state && { input: state.shape }),
  readouts: context.readouts,
});

/**
 * Runs a batch through all stages and keeps the hidden state that enters each, in `batch.states`, and the site outputs
 * that were chosen to be kept, in `batch.kept`.
 *
 * @returns the outputs f(ξ; θ₀), `[n, C]`
 */
export const forwardBatch = async (
  context: PassContext,
  batch: ExampleBatch,
  signal?: AbortSignal,
): Promise<NDArray> => {
  const { runtime, stages } = context;
  let state: Resident | undefined;
  for (const [index, stage] of stages.entries()) {
    throwIfCancelled(signal, 'The kernel computation');
    batch.states[index] = state;
    const isHead = index === stages.length - 1;
    const dims = dimsOf(context, stage, batch, state);
    const program = forwardProgram(stage, dims, isHead, context.kept?.[index]);
    const inputs = { ...weightInputs(context, stage), ...batch.side, ...(state && { x: state }) };
    if (isHead) {
      const y = (await runtime.compute(program, inputs))['y']!;
      const bad = firstNonFinite(y.data);
      if (bad >= 0) await explainNonFinite(context, batch, y, bad);
      return y;
    }
    const { y, ...kept } = await runtime.run(program, inputs);
    batch.kept[index] = Object.fromEntries(
      Object.entries(kept).map(([name, tensor]) => [name.slice('r:'.length), tensor]),
    );
    state = y!;
  }
  throw new Error('A model has at least one stage.');
};

/** Program inputs `w:<local name>` of a stage. */
export const weightInputs = (context: PassContext, stage: Stage): Record<string, Resident> =>
  Object.fromEntries(
    Object.entries(context.weights.of(stage)).map(([local, tensor]) => [`w:${local}`, tensor]),
  );

/** Names the first stage whose output is not finite. */
const explainNonFinite = async (
  context: PassContext,
  batch: ExampleBatch,
  y: NDArray,
  bad: number,
): Promise<never> => {
  const { runtime, stages } = context;
  for (const [index, state] of batch.states.entries()) {
    if (!state) continue;
    const { data } = await runtime.download(state);
    const at = firstNonFinite(data);
    if (at < 0) continue;
    const row = Math.floor(at / (data.length / batch.indices.length));
    throw new NonFiniteActivationError(stages[index - 1]!.name, batch.indices[row]!, data[at]!);
  }
  const row = Math.floor(bad / (y.data.length / batch.indices.length));
  throw new NonFiniteActivationError(stages.at(-1)!.name, batch.indices[row]!, y.data[bad]!);
};
