export * from './index.js';
export {
  type DownloadedTask,
  type DownloadTaskOptions,
  downloadableTasks,
  downloadTask,
} from './node/download/download-task.js';
export {
  ArchiveError,
  ChecksumError,
  HttpStatusError,
  NoSourceError,
  OversizedDownloadError,
  TruncatedDownloadError,
  UnreachableError,
} from './node/download/errors.js';
export { findColumnsIn } from './node/find-columns.js';
export { loadExamples } from './node/load-examples.js';
export { type LoadedKShot, type LoadKShotOptions, loadKShot, type TaskSplits } from './node/load-k-shot.js';
export { readDataFile } from './node/read-data-file.js';
export {
  type SplitKShotOptions,
  type SplitKShotResult,
  splitKShot,
  type WrittenSplitFile,
} from './node/split-k-shot.js';
