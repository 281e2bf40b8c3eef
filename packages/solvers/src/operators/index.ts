export {
  type ConjugateGradientOptions,
  conjugateGradients,
  type IterationState,
  type IterativeSolution,
  requireSolved,
  type ShiftedSystem,
  type SystemState,
} from './conjugate-gradients.js';
export { denseOperator } from './dense-operator.js';
export type { Interval } from './interval.js';
export type { IterationStore } from './iteration-store.js';
export { type NystromApproximation, nystrom } from './nystrom.js';
export { type FlowOptions, type FlowSolutions, operatorFlow } from './operator-flow.js';
export { type RowsOperatorOptions, rowsOperator, transposed } from './rows-operator.js';
export { estimateSpectrum, type Spectrum, type SpectrumOptions } from './spectrum.js';
export { type TopEigenvalues, type TopOptions, topEigenvalues } from './top-eigenvalues.js';
export { type TopSpectrum, type TopSpectrumOptions, topSpectrum } from './top-spectrum.js';
export { estimateEffectiveRank, estimateTrace, type TraceOptions } from './trace.js';
