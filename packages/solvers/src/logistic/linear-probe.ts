import { type LongTaskOptions, type NDArray, ndarray } from '@ntk-lens/core';
import { checkedSettings } from '../definition/options.js';
import type { SolverWarning } from '../definition/solver-definition.js';
import { KernelShapeError, LabelsError } from '../errors.js';
import { assertFinite } from '../kernel/split.js';
import { assertTwoClasses } from '../kernel/targets.js';
import { makePause } from '../linalg/pause.js';
import {
  type CrossValidationOptions,
  crossValidationOptions,
  fitCrossValidated,
} from './cross-validation.js';

export interface LinearProbeOptions extends CrossValidationOptions, LongTaskOptions {
  /** Number of classes C; every one must occur among the labels. */
  readonly classes: number;
}

export interface LinearProbe {
  /** `[C, features]`. */
  readonly weights: NDArray<'float64'>;
  /** `[C]`. */
  readonly bias: NDArray<'float64'>;
  readonly penaltyC: number;
  readonly warnings: readonly SolverWarning[];
}

/**
 * Linear head for frozen features, the start of no-prompt fine-tuning and kernels (docs/theory.md, Fine-tuning):
 * cross-validated softmax regression. With two classes the solution w is split into rows −w/2 and w/2, as the reference
 * does, which halves its log-odds.
 *
 * @param features float64 `[N, features]`
 * @param labels int32 `[N]`
 * @throws KernelShapeError, NonFiniteKernelError, LabelsError, OneClassError
 * @example
 * ```ts
 * const { weights, bias } = await fitLinearProbe(firstTokenStates, labelArray, { classes: 2 });
 * ```
 */
export const fitLinearProbe = async (
  features: NDArray<'float64'>,
  labels: NDArray<'int32'>,
  options: LinearProbeOptions,
): Promise<LinearProbe> => {
  const settings = checkedSettings<CrossValidationOptions>(crossValidationOptions, options);
  const [examples = 0, count = 0] = features.shape;
  if (features.shape.length !== 2 || examples === 0 || labels.data.length !== examples) {
    throw new KernelShapeError(
      'features',
      features.shape,
      `[${labels.data.length}, features], a row per label`,
    );
  }
  assertFinite('features', features);
  assertTwoClasses(labels);
  const { classes } = options;
  const present = new Set(labels.data);
  if (present.size !== classes || labels.data.some((label) => label < 0 || label >= classes)) {
    const found = Array.from(present).sort((a, b) => a - b);
    throw new LabelsError(`labels ${found.join(', ')}`, `each of 0 to ${classes - 1}`);
  }
  const warnings: SolverWarning[] = [];
  const data = { features: features.data, count, classes: labels.data, width: classes };
  const { penaltyC, weights } = await fitCrossValidated(
    data,
    settings,
    makePause(options, 'linear probe'),
    (warning) => warnings.push(warning),
  );
  const scale = classes === 2 ? 0.5 : 1;
  const rows = new Float64Array(classes * count);
  const bias = new Float64Array(classes);
  for (let c = 0; c < classes; c++) {
    for (let k = 0; k < count; k++) rows[c * count + k] = scale * weights[c * (count + 1) + k]!;
    bias[c] = scale * weights[c * (count + 1) + count]!;
  }
  return {
    weights: ndarray<'float64'>(rows, [classes, count]),
    bias: ndarray<'float64'>(bias, [classes]),
    penaltyC,
    warnings,
  };
};
