export type { KernelAnalysis, KernelChecks } from './analysis.js';
export { type AsymOptions, AsymSolver } from './asym.js';
export type { SolverOptions } from './base-solver.js';
export {
  createSolver,
  type SolverName,
  type SolverSpec,
  solverFromJSON,
  solverNames,
} from './create-solver.js';
export type { CrossValidationOptions } from './cross-validation.js';
export { logisticPenaltyGrid } from './cross-validation.js';
export type { KernelDiagnostics } from './diagnostics.js';
export { type EarlyStoppingOptions, type EarlyStoppingPath, earlyStoppingPath } from './early-stopping.js';
export * from './errors.js';
export { type GaussianProcessOptions, GaussianProcessSolver } from './gaussian-process.js';
export { type GradientFlowOptions, GradientFlowSolver } from './gradient-flow.js';
export { f0ScaleGrid, type GridAxes, ridgeGrid, solverGrid } from './grid.js';
export { type KernelLogisticOptions, KernelLogisticSolver } from './kernel-logistic.js';
export { leaveOneOut } from './leave-one-out.js';
export { fitLinearProbe, type LinearProbe, type LinearProbeOptions } from './linear-probe.js';
export { type LogisticOptions, LogisticSolver } from './logistic.js';
export { type LstsqOptions, LstsqSolver } from './lstsq.js';
export { meanAndSd } from './mean-and-sd.js';
export { predictedLabels } from './predicted-labels.js';
export {
  type Metric,
  type SearchRow,
  type Selection,
  type SelectOptions,
  selectOnDev,
} from './select-on-dev.js';
export { compareSimplicity } from './simplicity.js';
export type { FitOptions, KernelSolver, SolverJson, SolverWarning } from './solver.js';
export { type SvcOptions, SvcSolver } from './svc.js';
export { type SvrOptions, SvrSolver } from './svr.js';
