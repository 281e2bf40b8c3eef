export * from './index.js';
export { sha256 } from './node/sha256.js';
export {
  type Append,
  type FileContent,
  isUnfinished,
  removeUnfinished,
  writeWhole,
} from './node/write-whole.js';
