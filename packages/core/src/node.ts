export {
  type Append,
  type FileContent,
  isUnfinished,
  removeUnfinished,
  writeWhole,
} from './node/write-whole.js';
