export { type Difference, differences } from './differences.js';
export * from './errors.js';
export { openLargeKernel } from './large-kernels.js';
export { type Manifest, manifestName } from './manifest.js';
export { hasKernels } from './read-kernels.js';
export { RunDirectory, type RunIdentity, tilesName } from './run-directory.js';
export { readTorchKernels, torchFileName, torchFilesIn } from './torch-kernels.js';
export { verifyDirectory } from './verify-directory.js';
