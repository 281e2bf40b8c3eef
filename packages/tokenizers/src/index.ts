export {
  PatternError,
  TextTooLongError,
  TokenizerFilesMissingError,
  TokenizerFormatError,
  TokenizerTooLargeError,
  TooMuchWorkError,
  UnsupportedTokenizerClassError,
  UnsupportedTokenizerError,
} from './errors.js';
export { LoadedTokenizer } from './loaded-tokenizer.js';
export { loadTokenizer } from './loading/load-tokenizer.js';
export { TOKENIZER_FILES, type TokenizerFiles } from './loading/tokenizer-files.js';
export type { BatchEncoding, EncodeBatchOptions, Offset, TextEncoding } from './text-encoding.js';
