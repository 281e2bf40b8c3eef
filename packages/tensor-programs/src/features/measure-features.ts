import type { EncodedExample, LongTaskOptions } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import type { FormulaName } from '@ntk-lens/kernels';
import { computeKernelBlocks, type Kernels } from '@ntk-lens/kernels';
import type { LabelWordIds } from '@ntk-lens/models';
import type { SpaceModel } from '@ntk-lens/subspace';
import type { TrajectoryPoint } from '../trajectory/trajectory-point.js';
import { kernelSpaceAt } from '../trajectory/weights-at.js';
import { type KernelChange, kernelChange } from './kernel-change.js';

export interface FeatureRequest extends LongTaskOptions {
  readonly runtime: Runtime;
  /** The start of training: the model in its space at θ₀. */
  readonly space: SpaceModel;
  /** Kernels are taken of these among themselves. */
  readonly examples: readonly EncodedExample[];
  /** Token ids of the label words, in label order. */
  readonly labelWordIds: LabelWordIds;
  readonly formula: FormulaName;
  /** One output, logit₁ − logit₀. */
  readonly binary?: boolean;
  /** Points of the same step are the same point, for which the kernel is computed once. */
  readonly points: readonly TrajectoryPoint[];
  /** Budget in bytes for everything, weights included. Default: 4 GiB. */
  readonly memory?: number;
}

/** The distance of the kernel at one point from that at θ₀. */
export interface FeatureChange {
  readonly step: number;
  readonly change: KernelChange;
  /** The same by layer (stage of the network); absent in random subspaces, which mix layers. */
  readonly layers?: Readonly<Record<string, KernelChange>>;
}

/**
 * The kernel K(θ_t) of examples among themselves against K(θ₀), whole and layer by layer, along a training: fixed
 * features (docs/theory.md, Kernel behaviour and Thresholds).
 *
 * @example
 * ```ts
 * const changes = await measureFeatures({ runtime, space, examples, labelWordIds, formula: 'sgd', points });
 * changes.at(-1)!.change.elementwise; // < 2: features are fixed
 * ```
 */
export const measureFeatures = async (request: FeatureRequest): Promise<readonly FeatureChange[]> => {
  const { points, space, examples, runtime, labelWordIds, formula, binary, memory } = request;
  const { signal, onProgress } = request;
  const layered = space.kernel.projection === undefined;
  const blocksOf = async (at: SpaceModel['kernel']): Promise<Readonly<Record<string, Kernels>>> =>
    computeKernelBlocks(
      {
        ...at,
        ...{ runtime, labelWordIds, formula, train: examples, queries: {} },
        ...{ binary, memory, signal, onProgress },
      },
      layered ? 'layer' : 'sum',
    );
  const start = await blocksOf(space.kernel);
  const whole = sumOf(start);
  const changes: FeatureChange[] = [];
  for (const { step, open } of points) {
    const known = changes.find((change) => change.step === step);
    if (known) {
      changes.push(known);
      continue;
    }
    const blocks = await blocksOf(await kernelSpaceAt(space, await open()));
    const layers = Object.entries(start)
      .filter(([, { train }]) => train.kernel.data.some((x) => x !== 0))
      .map(([name, { train }]) => [name, kernelChange(blocks[name]!.train.kernel, train.kernel)] as const);
    changes.push({
      step,
      change: kernelChange(sumOf(blocks), whole),
      layers: layered ? Object.fromEntries(layers) : undefined,
    });
  }
  return changes;
};

const sumOf = (blocks: Readonly<Record<string, Kernels>>): Kernels['train']['kernel'] => {
  const [first, ...rest] = Object.values(blocks).map(({ train }) => train.kernel);
  const data = first!.data.slice();
  for (const { data: more } of rest) for (let i = 0; i < data.length; i++) data[i]! += more[i]!;
  return { ...first!, data };
};
