export { type Batch, type BatchArrays, collate, firstPosition, makeBatches } from './batch.js';
export { BadExampleError, SequenceTooLongError } from './errors.js';
export { type ResidentSide, uploadSide } from './upload-side.js';
export { asWordRows, type WordRows, withWordRows, wordRowsOf } from './word-rows.js';
