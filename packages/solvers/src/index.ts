export type { SolverGrids } from './definition/grids.js';
export { KernelSolver } from './definition/kernel-solver.js';
export type { F0Options, OptionTable, RidgeOptions, SolverOption } from './definition/options.js';
export type { Layout, SolverJson } from './definition/saved.js';
export {
  defineSolver,
  type FitOptions,
  type Problem,
  type SolverDefinition,
  type SolverWarning,
} from './definition/solver-definition.js';
export * from './errors.js';
export type { KernelAnalysis, KernelChecks, KernelSpectrum } from './kernel/analysis.js';
export type { KernelDiagnostics } from './kernel/diagnostics.js';
export { type LabelSpectrum, labelSpectrum } from './kernel/label-spectrum.js';
export type { TrainShape } from './kernel/split.js';
export { plainProduct } from './linalg/add-product.js';
export type { CholeskyFactor } from './linalg/cholesky.js';
export type { LinearAlgebraOptions, SymmetricEigen } from './linalg/symmetric-eigen.js';
export { type CrossValidationOptions, logisticPenaltyGrid } from './logistic/cross-validation.js';
export { fitLinearProbe, type LinearProbe, type LinearProbeOptions } from './logistic/linear-probe.js';
export {
  type KernelTraits,
  knownSolvers,
  regressionSolvers,
  solverCandidates,
} from './select/candidates.js';
export { createSolver, solverFromJSON } from './select/create-solver.js';
export {
  type EarlyStoppingOptions,
  type EarlyStoppingPath,
  earlyStoppingPath,
} from './select/early-stopping.js';
export { f0ScaleGrid, type GridAxes, ridgeGrid, solverGrid } from './select/grid.js';
export { leaveOneOut } from './select/leave-one-out.js';
export { meanAndSd } from './select/mean-and-sd.js';
export { predictedLabels } from './select/predicted-labels.js';
export {
  type Metric,
  type SearchRow,
  type Selection,
  type SelectOptions,
  selectOnDev,
} from './select/select-on-dev.js';
export { compareSimplicity } from './select/simplicity.js';
export * from './solvers/index.js';
