export { type FindColumnsOptions, type FoundColumns, findColumns } from './columns/find-columns.js';
export type { ColumnProfile } from './columns/profile-columns.js';
export { type SourceFile, type TaskSource, taskSources } from './download/task-sources.js';
export { type EmbeddedTask, embeddedKShot, embeddedTask } from './embedded/embedded-task.js';
export {
  ColumnChoiceError,
  DataFormatError,
  MissingColumnError,
  MissingDataError,
  MissingLabelError,
  OneLabelError,
  OtherTaskDataError,
  TaskDefinitionError,
  TooFewExamplesError,
  UnknownLabelError,
  UnknownTaskError,
} from './errors.js';
export { limits } from './limits.js';
export { accuracy, f1, matthews } from './metrics/classification.js';
export { pearson, spearman } from './metrics/correlation.js';
export { evaluate, goldOf, type Scores } from './metrics/evaluate.js';
export { majorityBaseline } from './metrics/majority.js';
export { type MeanSd, meanSd } from './metrics/mean-sd.js';
export { wilsonInterval } from './metrics/wilson-interval.js';
export { type OwnFormatOptions, ownFiles, ownFormat } from './read/own-format.js';
export { type ExampleRules, parseExamples } from './read/parse-examples.js';
export { parseTable, type Table, type TableRow } from './read/parse-table.js';
export { defineTask, type TaskDefinition } from './registry/define-task.js';
export { findTask } from './registry/find-task.js';
export { tasks } from './registry/tasks.js';
export { type SampleKShotOptions, sampleKShot } from './sample/sample-k-shot.js';
export type { MetricName } from './spec/metric-name.js';
export type { Column, TableFormat } from './spec/table-format.js';
export type { TaskFiles, TaskSpec } from './spec/task-spec.js';
export {
  type KShotSplit,
  type KShotSplitsOptions,
  kShotSplits,
  type SplitMode,
  standardSeeds,
} from './split/k-shot-splits.js';
