import type { Formula } from '@ntk-lens/core';
import { KEPT_WORKSPACE } from '@ntk-lens/engine';
import type { Stage } from '@ntk-lens/models';
import { GROUP_GRADIENTS } from '../contract/group-batches.js';
import { RUN_GRADIENTS, sliceSite, workspaceBytes } from '../contract/slicing.js';
import type { ActiveParameters } from '../factors/active-parameters.js';
import { vectorSize } from '../factors/stage-programs.js';
import { partKey } from '../pass/shared-parameters.js';
import { siteSize } from './site-size.js';

/** What the memory of a pass depends on, besides the examples. */
export interface MemoryModel {
  readonly stages: readonly Stage[];
  readonly active: readonly ActiveParameters[];
  readonly hiddenSize: number;
  readonly outputs: number;
  readonly formula: Formula;
  /** Bytes of all resident weights. */
  readonly weightBytes: number;
  readonly padTo: number;
}

const FLOAT = 4;
// The JavaScript heap, ONNX Runtime's code, compiled programs and its arenas, as measured.
const FIXED_BYTES = 350 * 2 ** 20;
// What sign kernels take beyond all that is counted, as measured at 32 × 1000; of what it consists is not known.
const SIGN_BYTES = 160 * 2 ** 20;

/** Bytes that one example of `length` tokens holds during a pass: states, cotangents, one stage's factors. */
export const exampleBytes = (m: MemoryModel, length: number): number => {
  const states = m.stages.length * length * m.hiddenSize;
  const cotangents = 2 * m.outputs * length * m.hiddenSize;
  const seen = new Map<string, number>();
  for (const active of m.active)
    for (const { weight } of active.linear) seen.set(partKey(weight), (seen.get(partKey(weight)) ?? 0) + 1);
  let widest = 0;
  let shared = 0;
  for (const active of m.active) {
    let factors = 0;
    for (const { weight, inFirst } of active.linear) {
      const [outSize, inSize] = inFirst ? [...weight.shape].reverse() : weight.shape;
      const floats = length * (inSize! + m.outputs * outSize!);
      // Factors of shared parameters wait for the last use.
      if (seen.get(partKey(weight))! > 1) shared += floats;
      else factors += weight.part && 'rows' in weight.part ? inSize! : floats;
    }
    for (const vector of active.vectors) factors += m.outputs * vectorSize(vector, m.padTo);
    for (const site of active.tables) factors += 2 * m.outputs * length * site.table.shape[1]!;
    widest = Math.max(widest, factors);
  }
  return FLOAT * (states + cotangents + widest + shared);
};

/** Bytes that a pass needs besides its examples: weights, programs, and the work space of a batch. */
export const fixedBytes = (m: MemoryModel, batchSize: number): number => {
  // A factor program holds about as many activations and cotangents at once as the factors it returns.
  const workspace = 2 * batchSize * exampleBytes({ ...m, stages: m.stages.slice(0, 2) }, m.padTo);
  return FIXED_BYTES + (m.formula === 'sgd' ? 0 : SIGN_BYTES) + m.weightBytes + workspace;
};

/** Bytes of work memory that contractions keep, at most: that of a program for every size of a site. */
export const contractionBytes = (m: MemoryModel, lengths: readonly number[]): number => {
  const { outputs } = m;
  const all = Math.min(2 * RUN_GRADIENTS, outputs * lengths.length);
  const tokens = Math.ceil((all * lengths.reduce((sum, length) => sum + length, 0)) / lengths.length);
  const run = { outputs, tokens, gradients: Math.min(all, RUN_GRADIENTS + GROUP_GRADIENTS) };
  const sizes = new Map<string, number>();
  for (const site of m.active.flatMap(({ linear }) => linear)) {
    const size = siteSize(site);
    sizes.set(`${size.inSize}x${size.outSize}`, workspaceBytes(m.formula, sliceSite(size, run), run));
  }
  return Math.min(
    KEPT_WORKSPACE,
    [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
  );
};
