export * as core from '@ntk-lens/core';
export * as engine from '@ntk-lens/engine';
export * as kernels from '@ntk-lens/kernels';
export * as models from '@ntk-lens/models';
export * as prompts from '@ntk-lens/prompts';
export * as report from '@ntk-lens/report';
export type { SolverGrids } from '@ntk-lens/solvers';
export * as solvers from '@ntk-lens/solvers';
export * as subspace from '@ntk-lens/subspace';
export * as tasks from '@ntk-lens/tasks';
export * as tensorPrograms from '@ntk-lens/tensor-programs';
export { NothingLeftError, SplitChecksumError } from './data/errors.js';
export { ConfigFileError, ConflictingOptionsError } from './options/errors.js';
export { resolveConfig } from './options/resolve-config.js';
export { defaultRunConfig, type RunConfig, runConfigSchema } from './options/run-config.js';
export { experimentTable } from './present/results-table.js';
export { writeOutcome } from './present/write-outcome.js';
export { type CheckedExperiment, type CheckOptions, checkExperiment } from './run/check/check-experiment.js';
export { type CheckSettings, defaultCheckSettings } from './run/check/check-settings.js';
export type { NaturalMeasurement, OptimizerMeasurement } from './run/check/measurements.js';
export { type CheckConfig, resolveCheck } from './run/check/resolve-check.js';
export { type CheckedModel, type CheckModelOptions, checkModel } from './run/check-model.js';
export {
  type Conversion,
  convertFromTorch,
  type FromTorchOptions,
} from './run/convert-from-torch.js';
export { convertToTorch, type ToTorchOptions } from './run/convert-to-torch.js';
export {
  BadExampleError,
  SelfCheckFailedError,
  TaskNotPossibleError,
  UnknownModelError,
} from './run/errors.js';
export type { CellResult, Experiment } from './run/experiment.js';
export { type ExplainedCell, type ExplainedExperiment, explainExperiment } from './run/explain-experiment.js';
export {
  type FineTuneExperiment,
  type FineTuneExperimentOptions,
  fineTuneExperiment,
} from './run/finetune/fine-tune-experiment.js';
export {
  defaultFineTuneSettings,
  type FineTuneSettings,
  protocolGrid,
} from './run/finetune/fine-tune-settings.js';
export { type FineTuneConfig, resolveFineTune } from './run/finetune/resolve-fine-tune.js';
export type { GridPoint, TunedSample } from './run/finetune/tune-sample.js';
export type { ForwardPasses, Machine } from './run/model/forward-passes.js';
export { openModel } from './run/model/open-model.js';
export type {
  BlockKernels,
  BlockLevel,
  ComputedKernels,
  ExplainedKernels,
  KernelRequest,
  LoadedModel,
  OpenedModel,
  RuntimeRecord,
} from './run/model/opened-model.js';
export { type ShownPrompts, type ShowPromptsOptions, showPrompts } from './run/prompting/show-prompts.js';
export type { ZeroShotMethod } from './run/prompting/zero-shot-methods.js';
export { type ExperimentOptions, runExperiment } from './run/run-experiment.js';
export { solveDirectories } from './run/solve-directories.js';
export { type SolveDirectoryRequest, type SolvedDirectory, solveDirectory } from './run/solve-directory.js';
export {
  type KernelScores,
  type MethodScores,
  type SolvedSplits,
  type SolveRequest,
  solveSplits,
} from './run/solve-splits.js';
export type { Difference } from './run/store/differences.js';
export {
  DamagedRunError,
  DiskFullError,
  LabelOrderError,
  NoKernelsError,
  NotRunDirectoryError,
  OtherRunError,
  RunVersionError,
} from './run/store/errors.js';
export { type KernelSplits, readKernels, type StoredKernels } from './run/store/kernel-files.js';
export { type ZeroShot, type ZeroShotCell, zeroShot } from './run/zero-shot.js';
export { version } from './version.js';
