// In Node also kernels on a disk, and the run directories that hold them (docs/formats.md).
export { storedMeasurement } from './node/disk/stored-measurement.js';
export { loadKernel } from './node/load-kernel.js';
export * from './node/store/index.js';
export * from './stored.js';
