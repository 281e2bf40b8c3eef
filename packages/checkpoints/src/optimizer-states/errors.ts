import { NtkLensError } from '@ntk-lens/core';

/** A file that is no state of an optimizer, or one that contradicts itself. */
export class OptimizerStateFormatError extends NtkLensError {
  static readonly code = 'OPTIMIZER_STATE_FORMAT';
  constructor(file: string, found: string, expected: string) {
    super(
      OptimizerStateFormatError.code,
      'input',
      `${file} is no readable optimizer state: found ${found}, expected ${expected}. Save the state with torch.save(optimizer.state_dict(), "optimizer.pt"), or take the optimizer.pt of a checkpoint of transformers.`,
    );
  }
}

/** The state of an optimizer that does not keep Adam's second moment v. */
export class NotAdamStateError extends NtkLensError {
  static readonly code = 'NOT_ADAM_STATE';
  constructor(file: string, found: string) {
    super(
      NotAdamStateError.code,
      'input',
      `${file} is not a state of Adam: found ${found}, expected exp_avg_sq for every parameter. Use a state that Adam or AdamW left, without amsgrad.`,
    );
  }
}

/** A checkpoint of this program's own fine-tuning. */
export class TrainingStateError extends NtkLensError {
  static readonly code = 'TRAINING_STATE';
  constructor(file: string) {
    super(
      TrainingStateError.code,
      'input',
      `${file} is a checkpoint of fine-tuning with ntk-lens, expected a state for every row of every parameter. It keeps second moments only for the rows of word tables that its training examples touch, does not say which rows they are, and has none for the biases of attention keys. Train with torch.optim.Adam or with transformers to get a whole state.`,
    );
  }
}

/** β₂ that is no decay rate, or not the same everywhere. */
export class Beta2Error extends NtkLensError {
  static readonly code = 'BETA2';
  constructor(file: string, found: string) {
    super(
      Beta2Error.code,
      'input',
      `${file} has ${found}, expected one β₂ from 0 to below 1. Use a state whose groups share one β₂, and leave out the option beta2 if the file has it.`,
    );
  }
}
