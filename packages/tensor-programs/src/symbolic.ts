export {
  type AbcAssignment,
  type AbcLayer,
  type AbcOptions,
  abcAssignment,
  type ExponentInput,
  type ExponentList,
} from './abc/abc-assignment.js';
export { abcFindings } from './abc/abc-findings.js';
export type { AbcOptimizer } from './abc/abc-optimizers.js';
export {
  type AbcClassification,
  type AbcLayerClass,
  type AbcRegime,
  type ClassifyAbcOptions,
  classifyAbc,
} from './abc/classify-abc.js';
export { largestStableRate } from './abc/largest-stable-rate.js';
export {
  type AbcName,
  abcNames,
  type NamedParametrizationOptions,
  namedParametrization,
} from './abc/named-parametrization.js';
export { shiftAbc } from './abc/shift-abc.js';
export {
  type AnalyticNonlinearity,
  analyticNonlinearities,
  type Covariance,
  type DualActivation,
  dualActivations,
} from './infinite-width/dual-activation.js';
export { type InfiniteKernels, infiniteKernels } from './infinite-width/infinite-kernels.js';
export type { PerceptronShape } from './infinite-width/perceptron-shape.js';
export { median, medianInterval } from './statistics/median.js';
export { fitPairs, type PositivePair } from './statistics/paired-law.js';
export {
  fitPowerLaw,
  type PowerLaw,
  type PowerLawOptions,
  type WidthSample,
} from './statistics/power-law.js';
export {
  checkTwoLayer,
  type TwoLayerCheck,
  type TwoLayerLaw,
  twoLayerRowName,
} from './two-layer/check-two-layer.js';
export type { TwoLayerRate, TwoLayerRuleName } from './two-layer/two-layer-rules.js';
export { type TwoLayerStep, type TwoLayerStepOptions, twoLayerStep } from './two-layer/two-layer-step.js';
export {
  type TwoLayerEntry,
  type TwoLayerRow,
  type TwoLayerTableOptions,
  twoLayerTable,
} from './two-layer/two-layer-table.js';
export type { Finding, Verdict } from './verdict.js';
