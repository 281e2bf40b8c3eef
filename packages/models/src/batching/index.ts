export { type Batch, type BatchArrays, collate, firstPosition, makeBatches } from './batch.js';
export { checkSequences, withBranches } from './branches.js';
export { BadExampleError, BranchesError, SequenceTooLongError } from './errors.js';
export { type ResidentSide, uploadSide } from './upload-side.js';
export { asWordRows, type WordRows, withWordRows, wordRowsOf } from './word-rows.js';
