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

/** An example does not have the branches of the label words that it is read for. */
export class BranchesError extends NtkLensError {
  static readonly code = 'BRANCHES';
  constructor(index: number, found: number, expected: number) {
    super(
      BranchesError.code,
      'input',
      `Example ${index} has ${found} token${found === 1 ? '' : 's'} to read, expected ${expected}. Label words of several tokens follow every prompt: make all examples with \`withBranches\` and the same words.`,
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
