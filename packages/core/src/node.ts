export * from './index.js';
export { FileSystemError, fileSystemError } from './node/file-system-error.js';
export { checkWritable, makeDirectory } from './node/make-directory.js';
export { readText, TextSizeError } from './node/read-text.js';
export { sha256 } from './node/sha256.js';
export {
  type Append,
  type FileContent,
  isUnfinished,
  removeUnfinished,
  writeWhole,
} from './node/write-whole.js';
