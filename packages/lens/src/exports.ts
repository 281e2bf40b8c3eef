export * from './check/check.js';
export { type ResolvedCheck, refuseCheck, resolveCheck } from './check/resolve-check.js';
export * from './defaults.js';
export * from './errors.js';
export * from './fine-tune/fine-tuned.js';
export { refuseTraining } from './fine-tune/refuse-training.js';
export { type ResolvedTraining, resolveTraining, type TrainingPoint } from './fine-tune/resolve-training.js';
export { trainingIdentity } from './fine-tune/training-identity.js';
export type {
  BlockKernels,
  Kernel,
  KernelBlocks,
  KernelIdentity,
  KernelMaker,
  KernelSplits,
  SpaceInfo,
  StoredKernel,
} from './kernel/kernel.js';
export { checkChoice, type ResolvedChoice, resolveChoice } from './kernel/kernel-choice.js';
export { type KernelArrays, kernelFiles } from './kernel/kernel-files.js';
export { collectionIdentity, kernelIdentity } from './kernel/kernel-identity.js';
export type { BlockLevel, KernelChoice, KernelOptions, PlanPartsOptions } from './kernel/kernel-options.js';
export { exceedsMemory, type LargeKernel, type LargeSplit } from './kernel/large-kernel.js';
export type { RuntimeRecord } from './kernel/runtime-record.js';
export type { EarlyLens, Lens, LensOptions } from './lens.js';
export type { ExplainedKernel, ExplainedOperators } from './methods/explain-kernel.js';
export type { LevelParts, OpenPartsOptions, PlannedParts } from './methods/kernel-parts.js';
export type { CheckKernelOptions } from './methods/kernel-request.js';
export type { MatrixFreeSolved, MatrixFreeSolveOptions } from './methods/matrix-free.js';
export type { KernelOnDisk, StoreKernelOptions } from './methods/store-kernel.js';
export type { PromptSuggestion, SuggestPromptOptions, TriedPrompt } from './methods/suggest-prompt.js';
export type { ZeroShotMethod, ZeroShotOptions } from './methods/zero-shot.js';
export { named } from './named.js';
export type { Prediction } from './predict/predict.js';
export type { ModelFiles } from './session/platform.js';
export { SharedRuntime } from './session/shared-runtime.js';
export type { IterationLimits, SolvedByProducts } from './solve/solve-by-products.js';
export {
  defaultGrids,
  type MethodScores,
  type Solved,
  type SolveOptions,
  solveKernel,
} from './solve/solve-kernel.js';
export { type SolveLargeOptions, solveLargeKernel } from './solve/solve-large-kernel.js';
export {
  marginsOf,
  predictionsOf,
  type SolvedPredictions,
  type SplitPredictions,
} from './solve/split-predictions.js';
export type { ExampleSets, LensTask, PromptedTask, PromptTexts, TaskPrompt } from './task/lens-task.js';
export { isDataFile } from './task/own-task.js';
export { type PreparedTask, prepareTask } from './task/prepare-task.js';
export type {
  DataOptions,
  Demonstrations,
  ExamplesOptions,
  PromptOptions,
  SampleOptions,
  TaskOptions,
} from './task/task-options.js';
export { version } from './version.js';
