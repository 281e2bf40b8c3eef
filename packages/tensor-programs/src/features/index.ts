export { type KernelChange, kernelChange } from './kernel-change.js';
