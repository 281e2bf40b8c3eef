import { type LongTaskOptions, type NDArray, throwIfCancelled } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { computeKernels } from '@ntk-lens/kernels';
import { fitPowerLaw, type PowerLaw, type WidthSample } from '../statistics/power-law.js';
import type { Finding } from '../verdict.js';
import { infiniteKernels } from './infinite-kernels.js';
import { perceptronModel } from './perceptron-model.js';
import type { PerceptronShape } from './perceptron-shape.js';

export interface InfiniteWidthOptions extends LongTaskOptions {
  readonly shape: PerceptronShape;
  readonly runtime: Runtime;
  /** `[examples, d]`. */
  readonly inputs: NDArray;
  /** At least three. */
  readonly widths: readonly number[];
  /** Networks drawn at each width. */
  readonly seeds: readonly number[];
}

export interface InfiniteWidthReport {
  /** ‖K̂ − Θ‖_F / ‖Θ‖_F by width and seed. */
  readonly errors: readonly WidthSample[];
  /** The fall of the error with width. */
  readonly law: PowerLaw;
  readonly finding: Finding;
}

const TOLERANCE = 0.1;

/**
 * Does the empirical NTK of random networks go to its closed form, and as n^(−1/2)? The empirical kernels are computed by
 * `computeKernels`, like those of every other model.
 *
 * @example
 * ```ts
 * const { law } = await checkInfiniteWidth({
 *   shape: { nonlinearity: 'relu', hiddenLayers: 2, weightScale: Math.SQRT2 },
 *   runtime, inputs, widths: [64, 256, 1024], seeds: [0, 1, 2, 3],
 * });
 * law.slope; // about −0.5
 * ```
 * @throws BadArgumentError for fewer than three widths, or a shape or inputs that are none; CancelledError
 */
export const checkInfiniteWidth = async (options: InfiniteWidthOptions): Promise<InfiniteWidthReport> => {
  const { shape, runtime, inputs, widths, seeds, signal, onProgress } = options;
  const { ntk } = infiniteKernels(shape, inputs);
  const errors: WidthSample[] = [];
  for (const [at, width] of widths.entries()) {
    const values: number[] = [];
    for (const [index, seed] of seeds.entries()) {
      throwIfCancelled(signal, 'The comparison with infinite width');
      const model = perceptronModel({ ...shape, width, inputs, seed });
      const { train } = await computeKernels({
        model,
        runtime,
        formula: 'sgd',
        train: model.examples,
        queries: {},
        labelWordIds: model.outputIds,
        parameters: model.isParameter,
        signal,
      });
      values.push(relativeDistance(train.kernel.data as Float64Array, ntk.data));
      const done = at * seeds.length + index + 1;
      onProgress?.({ phase: 'infinite width', done, total: widths.length * seeds.length, unit: 'networks' });
    }
    errors.push({ width, values });
  }
  const law = fitPowerLaw(errors);
  return { errors, law, finding: findingOf(shape, law) };
};

const relativeDistance = (found: Float64Array, expected: Float64Array): number => {
  let [difference, norm] = [0, 0];
  for (const [i, value] of expected.entries()) {
    difference += (found[i]! - value) ** 2;
    norm += value ** 2;
  }
  return Math.sqrt(difference / norm);
};

const findingOf = ({ nonlinearity, hiddenLayers }: PerceptronShape, law: PowerLaw): Finding => {
  const [low, high] = law.interval;
  const near = Math.abs(law.slope + 0.5) <= TOLERANCE;
  const outside = high < -0.5 - TOLERANCE || low > -0.5 + TOLERANCE;
  return {
    condition: 'infinite width',
    subject: `${nonlinearity}, ${hiddenLayers} hidden`,
    verdict: near ? 'holds' : outside ? 'fails' : 'cannot tell',
    measure: 'slope of log ‖K̂ − Θ‖/‖Θ‖ against log width',
    statistic: law.slope,
    interval: law.interval,
    threshold: `−0.5 ± ${TOLERANCE}`,
    definition: 'the empirical NTK at initialization goes to its closed form as n^(−1/2) (Jacot et al. 2018)',
  };
};
