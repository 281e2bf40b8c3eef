export {
  computeKernelBlocks,
  computeKernels,
  type KernelRequest,
  type Kernels,
  type SplitKernels,
} from './compute-kernels.js';
export type { BlockLevel } from './contract/accumulators.js';
export type { ParameterFilter } from './factors/active-parameters.js';
