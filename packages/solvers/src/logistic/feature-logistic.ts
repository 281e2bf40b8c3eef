import { gramMatrix, plainProduct } from '../linalg/add-product.js';
import type { Pause } from '../linalg/pause.js';
import { dot } from '../linalg/products.js';
import { crossEntropy, probabilities, residuals } from '../optimize/cross-entropy.js';
import { minimizeLbfgs } from '../optimize/lbfgs.js';
import { fitLogistic } from '../optimize/newton.js';

/** Labelled rows of features; `width` is 1 for two classes, else the number of classes. */
export interface FeatureData {
  /** Row-major `[examples, features]`. */
  readonly features: Float64Array;
  readonly count: number;
  readonly classes: Int32Array;
  readonly width: number;
}

/** `[width, features + 1]`, the intercept last. */
export type FeatureWeights = Float64Array;

/** Linear outputs of row `i`. */
export const linearOutput = (
  { features, count }: FeatureData,
  i: number,
  weights: FeatureWeights,
  c: number,
): number => {
  const at = c * (count + 1);
  return dot(features, i * count, weights, at, count) + weights[at + count]!;
};

/** Σ cross-entropy + ‖w‖²/(2C), intercepts free, by L-BFGS with the stopping rule of scikit-learn's default solver. */
export const fitByLbfgs = (data: FeatureData, penaltyC: number, start: FeatureWeights): FeatureWeights => {
  const { features, count, classes, width } = data;
  const examples = classes.length;
  const stride = count + 1;
  const objective = (w: Float64Array) => {
    const f = new Float64Array(examples * width);
    for (let i = 0; i < examples; i++) {
      for (let c = 0; c < width; c++) f[i * width + c] = linearOutput(data, i, w, c);
    }
    const r = residuals(probabilities(f, width), data);
    const gradient = new Float64Array(w.length);
    let squares = 0;
    for (let c = 0; c < width; c++) {
      const at = c * stride;
      for (let i = 0; i < examples; i++) {
        const ri = r[i * width + c]!;
        for (let k = 0; k < count; k++) gradient[at + k]! -= ri * features[i * count + k]!;
        gradient[at + count]! -= ri;
      }
      for (let k = 0; k < count; k++) {
        gradient[at + k]! += w[at + k]! / penaltyC;
        squares += w[at + k]! ** 2;
      }
    }
    return { value: crossEntropy(f, data) + squares / (2 * penaltyC), gradient };
  };
  return minimizeLbfgs(objective, start, {
    gradientTolerance: 1e-4,
    valueTolerance: 2.220446049250313e-9,
    maximumSteps: 10_000,
  });
};

/** The same objective, to its minimum, by Newton's method in dual coordinates. */
export const fitByNewton = async (
  data: FeatureData,
  penaltyC: number,
  pause: Pause,
): Promise<FeatureWeights> => {
  const { features, count, classes, width } = data;
  const examples = classes.length;
  const gram = await gramMatrix(features, examples, count, plainProduct);
  const { coefficients, intercepts } = await fitLogistic(
    { gram, classes, width, penalty: 1 / penaltyC, intercept: true },
    pause,
  );
  const weights = new Float64Array(width * (count + 1));
  for (let c = 0; c < width; c++) {
    const at = c * (count + 1);
    for (let i = 0; i < examples; i++) {
      const a = coefficients[i * width + c]!;
      for (let k = 0; k < count; k++) weights[at + k]! += a * features[i * count + k]!;
    }
    weights[at + count] = intercepts[c]!;
  }
  return weights;
};
