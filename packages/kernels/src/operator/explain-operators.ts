import type { EncodedExample } from '@ntk-lens/core';
import { type MachineWork, totalWork } from '@ntk-lens/engine';
import { type PassVectors, planGroups } from '../derivatives/plan-groups.js';
import { prepareOperators } from './kernel-operators.js';
import type { OperatorRequest } from './operator-request.js';
import { batchWork } from './operator-work.js';
import { panelWidth, vectorSize } from './panel-width.js';

/** The work of products with the kernel of the training examples, counted before anything runs. */
export interface OperatorPlan {
  readonly examples: { readonly train: number; readonly queries: number; readonly tokens: number };
  /** Numbers of a vector in parameter space. */
  readonly parameters: number;
  /** Vectors that are multiplied together, at most. */
  readonly vectors: number;
  /** Groups of batches that run through all stages together, in a product with one vector. */
  readonly groups: number;
  /** Budget in bytes, which no product exceeds. */
  readonly memory: number;
  /** FLOPs of a product with one vector. */
  readonly flops: number;
  /** The work of a product with one vector, and with all that fit together, in units of the machine's rates. */
  readonly single: MachineWork;
  readonly together: MachineWork;
}

const scaled = (work: MachineWork, times: number): MachineWork =>
  Object.fromEntries(Object.entries(work).map(([name, amount]) => [name, times * amount])) as MachineWork;

/**
 * Plans products with the kernel of the training examples and counts their work, without a runtime and without reading weights.
 * A product is a forward and a backward pass that sum weighted gradients, and a forward pass and a backward pass for every
 * output, whose cotangents meet the sum.
 *
 * @example
 * ```ts
 * const { flops } = explainOperators({ model, formula: 'sgd', labelWordIds, train, queries: {} });
 * flops / 1e12; // TFLOP
 * ```
 * @throws what `openKernelOperators` throws before any work
 */
export const explainOperators = (request: Omit<OperatorRequest, 'runtime'>): OperatorPlan => {
  const { checked, options, bytes } = prepareOperators(request);
  const { train, queries } = request;
  const plan = (examples: readonly EncodedExample[], vectors: PassVectors) =>
    planGroups(options, examples, vectors);
  const groupsOf = (width: number) => plan(train, { cotangents: width, directions: 0, held: width * bytes });
  const sides = { from: train, to: train, outputs: checked.logitWeights.length, bytes };
  const vectors = panelWidth(plan, sides, Number.POSITIVE_INFINITY);
  const workOf = (width: number): MachineWork => {
    const shapes = new Map<string, { readonly n: number; readonly length: number; count: number }>();
    for (const { indices, length } of groupsOf(width).flatMap(({ batches }) => batches)) {
      const key = `${indices.length} × ${length}`;
      const shape = shapes.get(key) ?? { n: indices.length, length, count: 0 };
      shape.count++;
      shapes.set(key, shape);
    }
    return totalWork(
      [...shapes.values()].map((shape) => scaled(batchWork(checked, shape, width), shape.count)),
    );
  };
  const single = workOf(1);
  const all = [...train, ...Object.values(queries).flat()];
  return {
    examples: {
      train: train.length,
      queries: all.length - train.length,
      tokens: all.reduce((sum, { inputIds }) => sum + inputIds.length, 0),
    },
    parameters: vectorSize(checked),
    ...{ vectors, groups: groupsOf(1).length, memory: options.memory },
    flops: single.products + single.thinProducts,
    ...{ single, together: workOf(vectors) },
  };
};
