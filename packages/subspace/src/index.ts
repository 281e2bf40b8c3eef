export {
  NoTargetsError,
  NotMergeableError,
  RankTooLargeError,
  SpaceSpecError,
  SubspaceTooLargeError,
  UnknownSpaceError,
} from './errors.js';
export {
  type JohnsonLindenstraussOptions,
  johnsonLindenstraussBound,
} from './kernels/johnson-lindenstrauss.js';
export { type KernelDistance, kernelDistance } from './kernels/kernel-distance.js';
export * from './optimizers.js';
export { parseSpace, spaceSyntaxes } from './parse-space.js';
export { adapterContents } from './peft/adapter-contents.js';
export { type AdapterFiles, adapterFrom } from './peft/adapter-from.js';
export {
  AdapterConfigError,
  AdapterMismatchError,
  NoAdapterFormatError,
  UnsupportedAdapterError,
} from './peft/errors.js';
export { mergeLora, unmergeLora } from './peft/merge-lora.js';
export {
  type ApplyOptions,
  isFull,
  type KernelSpace,
  type ParameterSpace,
  type SpaceModel,
  type SpacePoint,
} from './space.js';
export { bitfitSpace } from './spaces/bitfit.js';
export { type FullOptions, fullSpace } from './spaces/full.js';
export { headSpace } from './spaces/head.js';
export { type Ia3Options, ia3Space } from './spaces/ia3.js';
export { type IntrinsicOptions, intrinsicSpace } from './spaces/intrinsic.js';
export { type LoraOptions, type LoraSpace, loraSpace } from './spaces/lora.js';
export { type PrefixOptions, prefixSpace } from './spaces/prefix.js';
export { type PromptTuningOptions, promptTuningSpace } from './spaces/prompt-tuning.js';
export type { SpaceSyntax } from './syntax/space-syntax.js';
export * from './training/index.js';
