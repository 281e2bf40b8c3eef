export { type TopLabelSpectrum, topLabelSpectrum } from './kernel/label-spectrum.js';
export { checkStoredKernel } from './matrix-free/check-stored-kernel.js';
export { type MatrixFreeSpec, matrixFreeCandidates } from './matrix-free/matrix-free-spec.js';
export type { OperatorSplit } from './matrix-free/operator-split.js';
export {
  type MatrixFreeOptions,
  type MatrixFreeSelection,
  selectMatrixFree,
} from './matrix-free/select-matrix-free.js';
export type { IterationOptions } from './matrix-free/solve-candidates.js';
export * from './operators/index.js';
