export { type KernelChange, kernelChange } from './kernel-change.js';
export { type FeatureChange, type FeatureRequest, measureFeatures } from './measure-features.js';
