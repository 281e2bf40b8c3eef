export { parseBytes } from './bytes.js';
export {
  BadArgumentError,
  CancelledError,
  ConflictingOptionsError,
  type ErrorKind,
  isError,
  isNtkLensError,
  NtkLensError,
} from './errors.js';
export { type KernelSplit, type PerSplit, perSplit, type SplitName, splitNames } from './kernel.js';
export { keyOfOtherCase } from './key-of-other-case.js';
export { columnOf, fromColumns, type LinearOperator, linearOperator } from './linear-operator.js';
export type { AddProduct, MatrixProduct } from './matrix-products.js';
export {
  type DType,
  type DTypeArrays,
  dtypeOf,
  firstNonFinite,
  type NDArray,
  ndarray,
  sameShape,
  sizeOf,
  toFloat64,
  zeros,
} from './ndarray.js';
export { didYouMean, nearestName } from './nearest-name.js';
export { decodeNpy } from './npy/decode-npy.js';
export { encodeNpy, npyHeader } from './npy/encode-npy.js';
export { NpyFormatError } from './npy/errors.js';
export {
  type LongTaskOptions,
  type OnProgress,
  type ProgressEvent,
  throwIfCancelled,
} from './progress.js';
export { Mt19937 } from './random/mt19937.js';
export type { Random } from './random/random.js';
export {
  BLOCK_BYTES,
  matrixShape,
  type RowBlock,
  type RowSource,
  rowBlocks,
  rowsIn,
  rowsWithin,
} from './row-source.js';
export { type Sha256, sha256 } from './sha256.js';
export { type FileKind, refuseStrayContent, StrayContentError, strayContentBytes } from './stray-content.js';
export type { EncodedExample, Example, SpecialTokens, Tokenizer } from './text.js';
export { decodeText, TextEncodingError } from './text-encoding.js';
export {
  type ByteSink,
  type Continuation,
  fetchResumed,
  type ResumedTransfer,
} from './transfer/fetch-resumed.js';
export { failureOf, type Patience, pause, StalledError, withinTime } from './transfer/patience.js';
export { readBody } from './transfer/read-body.js';
export { type WithDefaults, withDefaults, withoutUndefined } from './with-defaults.js';
export { wrapText } from './wrap-text.js';
