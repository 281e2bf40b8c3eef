// Kernels on a disk and their solutions: needs no model, and loads none of what computes one.
export {
  BadExampleError,
  NothingLeftError,
  TaskNotPossibleError,
  UnknownModelError,
} from './errors.js';
export type { BlockIndex } from './kernel/block-files.js';
export { knownFormula, settingsText, storedFormulaName, storedFormulaText } from './kernel/formula-name.js';
export type { Kernel, KernelIdentity, KernelSplits, RuntimeRecord, StoredKernel } from './kernel/kernel.js';
export { splitFileNames, splitFiles } from './kernel/kernel-files.js';
export { storedMeasurement } from './node/disk/stored-measurement.js';
export { loadKernel } from './node/load-kernel.js';
export * from './node/store/index.js';
export {
  type MethodScores,
  type Solved,
  type SolveOptions,
  type SolverGrids,
  solveKernel,
} from './solve/solve-kernel.js';
export { type PerSplit, perSplit, splitNames } from './task/lens-task.js';
