export * from './index.js';
export { fetchThroughProxy } from './node/fetch-through-proxy.js';
export { fileHash, type HashOptions, rememberedHash } from './node/file-hash.js';
export {
  DamagedFileError,
  type FileList,
  fileListName,
  readFileList,
  verifyFileList,
  verifyListed,
  writeFileList,
} from './node/file-list.js';
export { FileSystemError, fileSystemError } from './node/file-system-error.js';
export { flushFile } from './node/flush-file.js';
export { DirectoryInUseError, lockedDirectory, lockName } from './node/lock-directory.js';
export { checkWritable, makeDirectory } from './node/make-directory.js';
export { type NpyRows, openNpyRows } from './node/npy-rows.js';
export { type Environment, proxyOf } from './node/proxy-of.js';
export { namesIn, readIfThere } from './node/read-if-there.js';
export { readText, TextSizeError } from './node/read-text.js';
export { areRunning, type NamedProcess, thisProcess } from './node/running-process.js';
export { readSealedJson, type SealedJson, writeSealedJson } from './node/sealed-json.js';
export { sha256 } from './node/sha256.js';
export {
  callSlurm,
  isAlive,
  ownRun,
  type SlurmAnswer,
  type SlurmJob,
  type SlurmRun,
  slurmJobs,
} from './node/slurm.js';
export {
  type Append,
  type FileContent,
  isUnfinished,
  removeUnfinished,
  writeJson,
  writeWhole,
} from './node/write-whole.js';
