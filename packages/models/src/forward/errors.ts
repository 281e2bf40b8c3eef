import { NtkLensError } from '@ntk-lens/core';

/** A prompt for a causal model has nothing before the mask, so nothing predicts the label word. */
export class NothingBeforeMaskError extends NtkLensError {
  static readonly code = 'NOTHING_BEFORE_MASK';
  constructor() {
    super(
      NothingBeforeMaskError.code,
      'input',
      'The mask is the first token of a prompt for a causal model, expected text before it. Use a template with the mask after the sentence.',
    );
  }
}

/** A layer gave NaN or infinity although the weights are finite. */
export class NonFiniteActivationError extends NtkLensError {
  static readonly code = 'NON_FINITE_ACTIVATION';
  constructor(stage: string, example: number, value: number) {
    super(
      NonFiniteActivationError.code,
      'failure',
      `${stage} gave ${value} for example ${example}, expected finite numbers. The weights overflow float32 in the forward pass: check the model.`,
    );
  }
}
