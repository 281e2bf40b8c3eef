import { NtkLensError } from '@ntk-lens/core';

/** An example has more tokens than the model has positions. */
export class SequenceTooLongError extends NtkLensError {
  static readonly code = 'SEQUENCE_TOO_LONG';
  constructor(index: number, tokens: number, positions: number) {
    super(
      SequenceTooLongError.code,
      'input',
      `Example ${index} has ${tokens} tokens, but the model has positions for ${positions}. Lower the maximum length of the task.`,
    );
  }
}
