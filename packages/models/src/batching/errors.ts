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

/** An example that the model cannot read; `found` and `expected` complete the sentence. */
export class BadExampleError extends NtkLensError {
  static readonly code = 'BAD_EXAMPLE';
  constructor(index: number, found: string, expected: string) {
    super(
      BadExampleError.code,
      'input',
      `Example ${index} has ${found}, expected ${expected}. Check that the tokenizer belongs to the model.`,
    );
  }
}
