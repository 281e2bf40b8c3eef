import { throwIfCancelled } from '@ntk-lens/core';
import type { Resident } from '@ntk-lens/engine';
import type { LinearFactors } from '../contract/contract-linear.js';
import { type TableGradients, tableGradients } from '../contract/table-gram.js';
import { cotangentInputs, splitCotangents } from '../factors/stage-cotangents.js';
import { activationOutputs, factorProgram } from '../factors/stage-programs.js';
import type { ExampleBatch } from './example-batch.js';
import { dimsOf, weightInputs } from './forward-pass.js';
import type { KernelContext } from './kernel-context.js';

/** What a stage's parameters have for gradients in one batch. */
export interface BatchFactors {
  readonly indices: readonly number[];
  /** By site name. Sites that read the same share its tensor. */
  readonly linear: ReadonlyMap<string, LinearFactors>;
  /** `[C, n, P]`. */
  readonly vectors?: Resident;
  /** By site name. */
  readonly tables: ReadonlyMap<string, TableGradients>;
}

/**
 * Runs one stage backwards for a batch: its factors, and the cotangents for the stage below, which replace
 * the batch's. The state that entered the stage, and what was kept of it, is released.
 */
export const stageFactors = async (
  context: KernelContext,
  index: number,
  batch: ExampleBatch,
  signal?: AbortSignal,
): Promise<BatchFactors> => {
  throwIfCancelled(signal, 'The kernel computation');
  const { runtime, stages, readouts } = context;
  const stage = stages[index]!;
  const active = context.active[index]!;
  const isHead = index === stages.length - 1;
  const state = batch.states[index];
  const kept = batch.kept[index] ?? {};
  const output = isHead ? [] : batch.cotangents[0]!.shape;
  if (!state && active.linear.length + active.vectors.length + active.tables.length === 0) {
    return { indices: batch.indices, linear: new Map(), tables: new Map() };
  }
  const program = factorProgram(
    stage,
    dimsOf(context, stage, batch, state),
    active,
    isHead,
    output,
    context.padTo,
    Object.fromEntries(Object.entries(kept).map(([site, { shape }]) => [site, shape])),
  );
  const above = batch.cotangents;
  const made = await runtime.run(program, {
    ...weightInputs(context, stage),
    ...batch.side,
    ...(state && { x: state }),
    ...Object.fromEntries(Object.entries(kept).map(([site, tensor]) => [`r:${site}`, tensor])),
    ...cotangentInputs(above),
  });
  runtime.release([...(state ? [state] : []), ...above, ...Object.values(kept)]);
  batch.states[index] = undefined;
  batch.kept[index] = {};
  const { dxs, rest: outputs } = splitCotangents(made);
  batch.cotangents = dxs;

  const n = batch.indices.length;
  const linear = new Map<string, LinearFactors>();
  const activations = activationOutputs(Object.keys(outputs));
  for (const { name } of active.linear) {
    const a = outputs[activations.get(name)!]!;
    const b = readouts.map((_, f) => outputs[`b${f}:${name}`]!);
    const length = a.shape[1]!;
    // Sites that see other rows than the batch's tokens have no padding that we know of.
    const tokens = length === batch.length ? batch.ids.map((ids) => ids.length) : undefined;
    const shape = { outputs: readouts.length, n, length, ...(tokens && { tokens }) };
    linear.set(name, { a, b, indices: batch.indices, ...shape });
  }
  const tables = new Map<string, TableGradients>();
  for (const { name } of active.tables) {
    const e = outputs[`e:${name}`]!;
    tables.set(name, tableGradients(await runtime.download(e), batch.ids));
    runtime.release([e]);
  }
  const { v } = outputs;
  return { indices: batch.indices, linear, tables, ...(v && { vectors: v }) };
};
