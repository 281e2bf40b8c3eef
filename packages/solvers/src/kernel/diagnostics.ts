import { dot, multiply } from '../linalg/products.js';
import { type KernelAnalysis, type KernelSpectrum, rankFloor } from './analysis.js';

/** The report of a fit about its train kernel K (size N·C) and regression targets y. */
export interface KernelDiagnostics {
  /** N·C, the number of flattened (example, logit) rows. */
  readonly size: number;
  readonly symmetric: boolean;
  /** Largest |K − Kᵀ| divided by the largest |K|. */
  readonly asymmetry: number;
  /** Largest eigenvalue of the symmetric part (K + Kᵀ)/2. */
  readonly largestEigenvalue: number;
  /** Smallest eigenvalue of the symmetric part; below zero it is the most negative eigenvalue. */
  readonly smallestEigenvalue: number;
  /** Largest over smallest singular value; Infinity when K is singular to rounding. */
  readonly conditionNumber: number;
  /** Singular values above size × 2⁻⁵² × the largest. */
  readonly numericalRank: number;
  /** exp of the entropy of the normalized singular values (Roy & Vetterli 2007). */
  readonly effectiveRank: number;
  /** ⟨K, yyᵀ⟩ / (‖K‖_F ‖y‖²), Cristianini et al. 2001. NaN when K or y is zero. */
  readonly targetAlignment: number;
  /** The same with K and y centred (Cortes et al. 2012). */
  readonly centredTargetAlignment: number;
  /** 2/λ_max: gradient descent on ½‖f − y‖² over the flattened rows diverges above this learning rate. */
  readonly largestStableLearningRate: number;
}

const alignment = (quadratic: number, kernelNorm: number, targetNorm: number): number =>
  quadratic / (kernelNorm * targetNorm);

const alignments = (matrix: Float64Array, size: number, targets: Float64Array): [number, number] => {
  const ky = multiply(matrix, size, size, targets);
  const plain = alignment(
    dot(targets, 0, ky, 0, size),
    Math.sqrt(dot(matrix, 0, matrix, 0, matrix.length)),
    dot(targets, 0, targets, 0, size),
  );
  const rowMeans = new Float64Array(size);
  const columnMeans = new Float64Array(size);
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      rowMeans[i]! += matrix[i * size + j]! / size;
      columnMeans[j]! += matrix[i * size + j]! / size;
    }
  }
  const mean = rowMeans.reduce((sum, x) => sum + x / size, 0);
  const targetMean = targets.reduce((sum, y) => sum + y / size, 0);
  let quadratic = 0;
  let kernelSquare = 0;
  let targetSquare = 0;
  for (let i = 0; i < size; i++) {
    const yi = targets[i]! - targetMean;
    targetSquare += yi * yi;
    for (let j = 0; j < size; j++) {
      const centred = matrix[i * size + j]! - rowMeans[i]! - columnMeans[j]! + mean;
      quadratic += yi * centred * (targets[j]! - targetMean);
      kernelSquare += centred * centred;
    }
  }
  return [plain, alignment(quadratic, Math.sqrt(kernelSquare), targetSquare)];
};

/** {@link KernelDiagnostics} of an analysed kernel and its targets. */
export const diagnose = (
  { matrix, asymmetry, symmetric, size }: KernelAnalysis,
  { eigenvalues: values, singularValues, operatorNorm }: KernelSpectrum,
  targets: Float64Array,
): KernelDiagnostics => {
  const smallest = singularValues.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const total = singularValues.reduce((a, b) => a + b, 0);
  let entropy = 0;
  for (const s of singularValues) if (s > 0) entropy -= (s / total) * Math.log(s / total);
  const floor = rankFloor(size, operatorNorm);
  const [targetAlignment, centredTargetAlignment] = alignments(matrix, size, targets);
  return {
    size,
    symmetric,
    asymmetry,
    largestEigenvalue: values[size - 1]!,
    smallestEigenvalue: values[0]!,
    conditionNumber: smallest <= floor ? Number.POSITIVE_INFINITY : operatorNorm / smallest,
    numericalRank: singularValues.filter((s) => s > floor).length,
    effectiveRank: total > 0 ? Math.exp(entropy) : 0,
    targetAlignment,
    centredTargetAlignment,
    largestStableLearningRate: 2 / values[size - 1]!,
  };
};
