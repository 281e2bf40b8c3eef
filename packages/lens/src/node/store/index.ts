export { type Difference, differences } from './differences.js';
export * from './errors.js';
export { type Manifest, manifestName } from './manifest.js';
export { RunDirectory, type RunIdentity } from './run-directory.js';
export { readTorchKernels, torchFileName, torchFilesIn } from './torch-kernels.js';
export { verifyDirectory } from './verify-directory.js';
