// Kernels and their solutions: needs no model, and loads nothing that computes one.
export {
  BadExampleError,
  LargeKernelError,
  NothingLeftError,
  TaskNotPossibleError,
  UnknownModelError,
} from './errors.js';
export { type BlockIndex, blockIndexName } from './kernel/block-files.js';
export { storedFormulaName } from './kernel/formula-name.js';
export type { Kernel, KernelIdentity, KernelSplits, StoredKernel } from './kernel/kernel.js';
export { type KernelArrays, kernelFiles } from './kernel/kernel-files.js';
export {
  blockBytesOf,
  bytesOf,
  exceedsMemory,
  type LargeKernel,
  type LargeSplit,
} from './kernel/large-kernel.js';
export type { RuntimeRecord } from './kernel/runtime-record.js';
export { productsOn } from './solve/products.js';
export type { IterationLimits, SolvedByProducts } from './solve/solve-by-products.js';
export {
  type MethodScores,
  type Solved,
  type SolveOptions,
  solveKernel,
} from './solve/solve-kernel.js';
export {
  largeKernelCandidates,
  type SolveLargeOptions,
  solveLargeKernel,
} from './solve/solve-large-kernel.js';
export {
  marginsOf,
  predictionsOf,
  type SolvedPredictions,
  type SplitPredictions,
} from './solve/split-predictions.js';
