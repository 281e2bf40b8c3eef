import { NtkLensError } from '@ntk-lens/core';

/** Label words of several tokens for a model that reads them at a mask. */
export class JointLabelWordsError extends NtkLensError {
  static readonly code = 'JOINT_LABEL_WORDS';
  constructor(modelType: string) {
    super(
      JointLabelWordsError.code,
      'input',
      `Label words: found one of several tokens for the masked model ${modelType}, expected one token each: masks do not see each other's words. Choose words of one token, or a causal model.`,
    );
  }
}

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
