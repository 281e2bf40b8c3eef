import { sizeOf } from '@ntk-lens/core';
import { KEPT_WORKSPACE } from '@ntk-lens/engine';
import {
  type LinearSite,
  type LocalParameter,
  partKey,
  rowsOf,
  type Stage,
  usedShape,
} from '@ntk-lens/models';
import { GROUP_GRADIENTS } from '../contract/group-batches.js';
import { RUN_GRADIENTS, sliceMatrix, workspaceBytes } from '../contract/slicing.js';
import { KernelSizeError } from '../errors.js';
import { type ActiveParameters, allActive } from '../factors/active-parameters.js';
import { formsGradients, kernelCount, type MapPair } from '../formulas/formula.js';
import { vectorSize } from '../sites/index.js';

/** The properties that the memory of an example depends on, in addition to its length. */
export interface ExampleModel {
  readonly stages: readonly Stage[];
  readonly active: readonly ActiveParameters[];
  readonly hiddenSize: number;
  readonly outputs: number;
  readonly maps: MapPair;
  readonly padTo: number;
}

/** The properties that the memory of a tile depends on, in addition to the examples. */
export interface MemoryModel extends ExampleModel {
  /** Bytes of the weights that are in memory at once. */
  readonly weightBytes: number;
  /** Bytes of those that are in memory at once while passes go backwards. Default: as many. */
  readonly backwardWeightBytes?: number;
  /** The kernel is never in memory as a whole: tiles are written as they are computed, and read by rows. Default: false. */
  readonly byTiles?: boolean;
}

const FLOAT = 4;
// The JavaScript heap, ONNX Runtime's code, compiled programs and its arenas, as measured.
const FIXED_BYTES = 350 * 2 ** 20;
// Memory that kernels with formed gradients take beyond all that is counted, as measured at 32 × 1000; its
// contents are not known.
const FORMED_BYTES = 160 * 2 ** 20;

/** Bytes of one example of `length` tokens while a tile is computed. */
export interface ExampleBytes {
  /** From the forward pass on: states, cotangents, and factors that wait for other stages. */
  readonly held: number;
  /** Factors of one stage. */
  readonly factors: number;
  /** Factors of all stages. */
  readonly allFactors: number;
}

/** Bytes that one example of `length` tokens takes while a tile is computed: states, cotangents, one stage's factors. */
const exampleBytes = (m: ExampleModel, length: number): number => {
  const { held, factors } = bytesOfExample(m, sharedKeys(m), length);
  return held + factors;
};

/** {@link bytesOfExample} of every example, counted once for each length. */
export const bytesOfExamples = (m: ExampleModel, lengths: readonly number[]): readonly ExampleBytes[] => {
  const shared = sharedKeys(m);
  const known = new Map([...new Set(lengths)].map((length) => [length, bytesOfExample(m, shared, length)]));
  return lengths.map((length) => known.get(length)!);
};

const keysOf = ({ matrices, vectors }: ActiveParameters): string[] => [
  ...new Set([...matrices, ...vectors].map(({ ref }) => partKey(ref))),
];

/** Keys of the parameters whose gradients are sums over several stages. */
const sharedKeys = ({ active }: Pick<ExampleModel, 'active'>): ReadonlySet<string> => {
  const [seen, shared] = [new Set<string>(), new Set<string>()];
  for (const key of active.flatMap(keysOf)) (seen.has(key) ? shared : seen).add(key);
  return shared;
};

const bytesOfExample = (m: ExampleModel, sharedBy: ReadonlySet<string>, length: number): ExampleBytes => {
  // Nothing enters the first stage, and only the tokens that are read enter the head.
  const between = Math.max(0, m.stages.length - 2) * length + (m.stages.at(-1)?.reads ?? 1);
  const states = between * m.hiddenSize;
  const cotangents = m.outputs * length * m.hiddenSize;
  const isShared = ({ ref }: LocalParameter) => sharedBy.size > 0 && sharedBy.has(partKey(ref));
  let widest = 0;
  let all = 0;
  let shared = 0;
  const sums = new Map<string, number>();
  for (const [index, { matrices, vectors, rows }] of m.active.entries()) {
    let factors = 0;
    // The vocabulary is wide, and a head sees only the tokens that are read.
    const head = index === m.stages.length - 1;
    const tokens = head ? (m.stages[index]?.reads ?? length) : length;
    for (const parameter of matrices) {
      const { ref, site, inSize, outSize } = parameter;
      const { rowsPerToken = 1 } = site as LinearSite;
      const floats = rowsPerToken * tokens * (inSize + m.outputs * outSize);
      // Factors of parameters that stages share wait for the last use.
      if (isShared(parameter)) shared += floats;
      else factors += rowsOf(ref) ? inSize : floats;
    }
    for (const vector of vectors) {
      const floats = m.outputs * vectorSize(vector, m.padTo);
      factors += floats;
      // The sum of shared vectors waits.
      if (isShared(vector)) sums.set(partKey(vector.ref), floats);
    }
    for (const { ref } of rows) factors += 2 * m.outputs * length * (usedShape(ref)[1] ?? 1);
    widest = Math.max(widest, factors);
    all += factors;
  }
  const waiting = [...sums.values()].reduce((sum, floats) => sum + floats, 0);
  return {
    held: FLOAT * (states + cotangents + shared + waiting),
    factors: FLOAT * widest,
    allFactors: FLOAT * all,
  };
};

/** True where a gradient is the sum over several stages, so that factors of all examples wait for the last of them. */
export const sharesParameters = (m: Pick<ExampleModel, 'active'>): boolean => sharedKeys(m).size > 0;

/** Bytes of the factors of maps: all parameters in memory, and the largest twice more while it is used. */
const factorBytes = ({ maps: { train, query }, active }: MemoryModel): number => {
  if (!train.needsFactors && !query.needsFactors) return 0;
  const sizes = [
    ...new Map(active.flatMap(allActive).map(({ ref }) => [ref.name, sizeOf(ref.shape)])).values(),
  ];
  return FLOAT * (sizes.reduce((sum, size) => sum + size, 0) + 2 * Math.max(...sizes));
};

/** Bytes that a tile needs in addition to its examples: weights, programs, and the work space of a batch. */
export const fixedBytes = (m: MemoryModel, batchSize: number): number => {
  const { weightBytes, backwardWeightBytes = weightBytes } = m;
  const ofBatch = (outputs: number) =>
    batchSize * exampleBytes({ ...m, outputs, stages: m.stages.slice(0, 2) }, m.padTo);
  // A factor program holds about as many activations and cotangents at once as the factors it returns.
  const backward = backwardWeightBytes + 2 * ofBatch(m.outputs);
  const forward = weightBytes + ofBatch(1);
  return (
    FIXED_BYTES + (formsGradients(m.maps) ? FORMED_BYTES : 0) + factorBytes(m) + Math.max(forward, backward)
  );
};

/** Entries that an array holds in every version of Node that is supported. */
const MOST_ENTRIES = 2 ** 32;

/**
 * Bytes of a kernel of training examples against all examples, float64: once as it is put together from tiles, and once more
 * as a tile or as the parts of the splits.
 *
 * @throws KernelSizeError
 */
export const kernelBytes = ({ outputs, maps }: MemoryModel, train: number, all: number): number => {
  const shape = [train, outputs, all, outputs];
  if (sizeOf(shape) > MOST_ENTRIES) throw new KernelSizeError(shape, MOST_ENTRIES);
  return 2 * kernelCount(maps) * 8 * sizeOf(shape);
};

/** Bytes that the arrays of tiles have at least, where the kernel is never in memory as a whole. */
const LEAST_ARRAYS = 64 * 2 ** 20;

/** Bytes of arrays in a plan. */
export interface ArrayPlan {
  readonly bytes: number;
  /** The part of the bytes without which there is no plan. */
  readonly least: number;
  /** Pairs of examples whose entries a sweep may hold. */
  readonly pairs: number;
}

/**
 * Room for arrays of numbers: the whole kernel, or half of what a budget leaves to the tiles of a sweep, each in memory once more
 * while it is written.
 *
 * @param left bytes of the budget for arrays and for examples
 * @throws KernelSizeError
 */
export const planArrays = (m: MemoryModel, train: number, all: number, left: number): ArrayPlan => {
  if (!m.byTiles) {
    const bytes = kernelBytes(m, train, all);
    return { bytes, least: bytes, pairs: Number.POSITIVE_INFINITY };
  }
  const ofPair = 2 * kernelCount(m.maps) * 8 * m.outputs ** 2;
  const whole = ofPair * train * all;
  const least = Math.min(LEAST_ARRAYS, whole);
  const bytes = Math.max(least, Math.min(whole, Math.floor(left / 2)));
  return { bytes, least, pairs: Math.floor(bytes / ofPair) };
};

/** Bytes of work memory that contractions keep, at most: that of a program for every size of a site. */
export const contractionBytes = (m: ExampleModel, lengths: readonly number[]): number => {
  const { outputs } = m;
  const all = Math.min(2 * RUN_GRADIENTS, outputs * lengths.length);
  const tokens = Math.ceil((all * lengths.reduce((sum, length) => sum + length, 0)) / lengths.length);
  const run = { outputs, tokens, gradients: Math.min(all, RUN_GRADIENTS + GROUP_GRADIENTS) };
  const sizes = new Map<string, number>();
  for (const { inSize, outSize } of m.active.flatMap(({ matrices }) => matrices)) {
    const slicing = sliceMatrix({ inSize, outSize }, run);
    sizes.set(`${inSize}x${outSize}`, workspaceBytes(m.maps, slicing, run));
  }
  return Math.min(
    KEPT_WORKSPACE,
    [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0),
  );
};
