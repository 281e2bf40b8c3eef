import { NtkLensError } from '@ntk-lens/core';

/** Label words that a model cannot have logits for. */
export class LabelWordIdError extends NtkLensError {
  static readonly code = 'LABEL_WORD_ID';
  constructor(found: string, vocabSize: number) {
    super(
      LabelWordIdError.code,
      'input',
      `Label word ids: found ${found}, expected at least one id below the model's vocabulary size ${vocabSize}. Check that the tokenizer belongs to the model.`,
    );
  }
}
