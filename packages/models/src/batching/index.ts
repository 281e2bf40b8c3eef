export { type Batch, type BatchArrays, collate, makeBatches } from './batch.js';
export { SequenceTooLongError } from './errors.js';
