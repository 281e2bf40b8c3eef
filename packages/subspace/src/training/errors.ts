import { NtkLensError } from '@ntk-lens/core';

/** The loss or the gradient became NaN or infinite. */
export class DivergedError extends NtkLensError {
  static readonly code = 'DIVERGED';
  /** Optimizer step, from 1, that could not be taken. */
  readonly step: number;
  /** The failure, without the place of a checkpoint. */
  readonly reason: string;
  constructor(step: number, what: string, learningRate: number, kept: string | undefined) {
    const good = kept === undefined ? 'No checkpoint was kept' : `The last good checkpoint is ${kept}`;
    const reason = `diverged at step ${step}: ${what}, expected a finite number (learning rate ${learningRate})`;
    super(
      DivergedError.code,
      'failure',
      `Training ${reason}. ${good}. Lower the learning rate or clip the gradient.`,
    );
    this.step = step;
    this.reason = reason;
  }
}

/** A development set on which nothing can be chosen. */
export class DevelopmentSetError extends NtkLensError {
  static readonly code = 'DEVELOPMENT_SET';
  constructor(found: string) {
    super(
      DevelopmentSetError.code,
      'input',
      `Development set: found ${found}, expected examples with different labels, to choose by. Give another one.`,
    );
  }
}

/** A checkpoint of another training. */
export class OtherTrainingError extends NtkLensError {
  static readonly code = 'OTHER_TRAINING';
  constructor(
    directory: string,
    differences: readonly { readonly field: string; readonly found: unknown; readonly expected: unknown }[],
  ) {
    const list = differences.map(
      ({ field, found, expected }) =>
        `${field}: found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`,
    );
    super(
      OtherTrainingError.code,
      'input',
      `The checkpoint in ${directory} is of another training (${list.join('; ')}). Choose another directory or remove it.`,
    );
  }
}

/** A checkpoint whose files are not what was written. */
export class DamagedCheckpointError extends NtkLensError {
  static readonly code = 'DAMAGED_CHECKPOINT';
  constructor(file: string, found: string, options?: { cause?: unknown }) {
    super(
      DamagedCheckpointError.code,
      'input',
      `${file}: found ${found}, expected a file that training wrote. Remove the directory and train again.`,
      options,
    );
  }
}

/** No parameter may change. */
export class NothingTrainableError extends NtkLensError {
  static readonly code = 'NOTHING_TRAINABLE';
  constructor(examples: readonly string[]) {
    super(
      NothingTrainableError.code,
      'input',
      `No parameter is trainable, expected at least one. The model has, for example, ${examples.slice(0, 6).join(', ')}. Choose patterns that fit such names.`,
    );
  }
}
