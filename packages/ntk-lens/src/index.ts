export * as checkpoints from '@ntk-lens/checkpoints';
export * as core from '@ntk-lens/core';
export * as engine from '@ntk-lens/engine';
export * as kernels from '@ntk-lens/kernels';
export * as lens from '@ntk-lens/lens';
export * as models from '@ntk-lens/models';
export * as prompts from '@ntk-lens/prompts';
export * as report from '@ntk-lens/report';
export type { SolverGrids } from '@ntk-lens/solvers';
export * as solvers from '@ntk-lens/solvers';
export * as subspace from '@ntk-lens/subspace';
export * as tasks from '@ntk-lens/tasks';
export * as tensorPrograms from '@ntk-lens/tensor-programs';
export * as tokenizers from '@ntk-lens/tokenizers';
export { SplitChecksumError } from './data/errors.js';
export { type CheckSettings, defaultCheckSettings } from './options/check.js';
export { ConfigFileError, ConflictingOptionsError, ProjectFileError } from './options/errors.js';
export { resolveConfig } from './options/resolve-config.js';
export { defaultRunConfig, type RunConfig } from './options/run-config.js';
export { runConfigSchema } from './options/run-config-schema.js';
export { defaultFineTuneSettings, type FineTuneSettings } from './options/training.js';
export { reportDirectory } from './present/report/report-directory.js';
export { experimentTable } from './present/results-table.js';
export { type WriteOutcomeOptions, writeOutcome } from './present/write-outcome.js';
export {
  type ReproduceConfig,
  type ReproduceFlags,
  resolveReproduce,
} from './reproduce/config.js';
export { DivergedTrainingsError, OtherReproductionError } from './reproduce/errors.js';
export {
  type ExplainedCells,
  type ExplainedPart,
  type ExplainedReproduction,
  explainReproduction,
} from './reproduce/explain.js';
export type { Told } from './reproduce/parts/part.js';
export { type ReproduceOptions, type Reproduction, reproduce } from './reproduce/reproduce.js';
export {
  type CheckExperimentOptions,
  type CheckedExperiment,
  checkExperiment,
} from './run/check/check-experiment.js';
export { type CheckConfig, resolveCheck } from './run/check/resolve-check.js';
export { type CheckedModel, type CheckModelOptions, checkModel } from './run/check-model.js';
export {
  type Conversion,
  convertFromTorch,
  type FromTorchOptions,
} from './run/convert-from-torch.js';
export { convertToTorch, type ToTorchOptions } from './run/convert-to-torch.js';
export { type Demo, type DemoMethod, type DemoOptions, runDemo } from './run/demo/demo.js';
export { SelfCheckFailedError } from './run/errors.js';
export type { CellResult, Experiment } from './run/experiment.js';
export { type ExplainedCell, type ExplainedExperiment, explainExperiment } from './run/explain-experiment.js';
export {
  type FineTuneExperiment,
  fineTuneExperiment,
} from './run/finetune/fine-tune-experiment.js';
export { type FineTuneConfig, protocolGrid, resolveFineTune } from './run/finetune/resolve-fine-tune.js';
export type { TunedSample } from './run/finetune/tuned-sample.js';
export type { DirectoryOptions } from './run/run-directory.js';
export { type ExperimentOptions, runExperiment } from './run/run-experiment.js';
export { MissingTasksError, TaskRefusedError } from './run/several/errors.js';
export type { TasksOptions } from './run/several/over-tasks.js';
export { type ShownPrompts, type ShowPromptsOptions, showPrompts } from './run/show-prompts.js';
export { solveDirectories } from './run/solve-directories.js';
export { type SolveDirectoryRequest, type SolvedDirectory, solveDirectory } from './run/solve-directory.js';
export type { KernelScores, SolvedSplits } from './run/stored-scores.js';
export { type ZeroShot, type ZeroShotCell, zeroShot } from './run/zero-shot.js';
export { version } from './version.js';
