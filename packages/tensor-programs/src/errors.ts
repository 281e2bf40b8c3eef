import { NtkLensError } from '@ntk-lens/core';

/** A directory without the points of a training. */
export class NoTrajectoryError extends NtkLensError {
  static readonly code = 'NO_TRAJECTORY';
  constructor(directory: string) {
    super(
      NoTrajectoryError.code,
      'input',
      `${directory}: found no trajectory, expected a training with step-….safetensors in trajectory/. Fine-tune with a \`trajectory\`.`,
    );
  }
}

/** A training that started elsewhere: its differences from this θ₀ are not what training did. */
export class OtherStartError extends NtkLensError {
  static readonly code = 'OTHER_START';
  constructor(directory: string, found: string | undefined, expected: string) {
    super(
      OtherStartError.code,
      'input',
      `${directory}: found a training from the model ${found?.slice(0, 12) ?? 'of no name'}, expected one from ${expected.slice(0, 12)} (SHA-256). Give the model and space that were fine-tuned.`,
    );
  }
}
