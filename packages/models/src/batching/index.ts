export { type Batch, type BatchArrays, collate, makeBatches } from './batch.js';
export { BadExampleError, SequenceTooLongError } from './errors.js';
