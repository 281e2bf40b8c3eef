import { NtkLensError } from '@ntk-lens/core';

const most = 5;

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

/** Numbers of parameters that cannot be turned into names for sure. */
export class ParameterNamesError extends NtkLensError {
  static readonly code = 'PARAMETER_NAMES';
  constructor(file: string, problem: string) {
    super(
      ParameterNamesError.code,
      'input',
      `${file} does not tell for sure which of its tensors belongs to which parameter: ${problem}. Pass "names", the names of the parameters in the order of the optimizer's groups: [n for g in optimizer.param_groups for p in g["params"] for n, q in model.named_parameters() if q is p].`,
    );
  }
}

/** The state of another model: second moments whose shapes are not those of the parameters. */
export class OptimizerModelError extends NtkLensError {
  static readonly code = 'OPTIMIZER_MODEL';
  constructor(file: string, differences: readonly string[]) {
    const rest = differences.length > most ? `; and ${differences.length - most} more` : '';
    super(
      OptimizerModelError.code,
      'input',
      `${file} is the state of another model: ${differences.slice(0, most).join('; ')}${rest}. Use the state and the weights of one checkpoint, and names in the optimizer's order where you pass them.`,
    );
  }
}

/** A step count that is missing, zero, or not the same for all parameters. */
export class OptimizerStepError extends NtkLensError {
  static readonly code = 'OPTIMIZER_STEP';
  constructor(file: string, found: string) {
    super(
      OptimizerStepError.code,
      'input',
      `${file} has ${found}, expected one number of steps, at least 1, for all parameters. Without it v cannot be corrected for its start at 0. Use a state that was saved after all parameters had taken the same steps.`,
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
      `${file} has ${found}, expected one β₂ from 0 to below 1. Use a state whose groups share one β₂, and leave the option beta2 away where the file has it.`,
    );
  }
}

/** A parameter for which the optimizer keeps no second moment. */
export class MissingSecondMomentError extends NtkLensError {
  static readonly code = 'MISSING_SECOND_MOMENT';
  constructor(file: string, parameter: string) {
    super(
      MissingSecondMomentError.code,
      'input',
      `${file} has no exp_avg_sq for the parameter "${parameter}", expected one. The optimizer did not train it, or it never had a gradient. Leave the parameter out, or use a state of an optimizer that trained it.`,
    );
  }
}

/** A second moment that cannot be a mean of squares. */
export class SecondMomentValueError extends NtkLensError {
  static readonly code = 'SECOND_MOMENT_VALUE';
  constructor(file: string, parameter: string, index: number, value: number) {
    super(
      SecondMomentValueError.code,
      'input',
      `The second moment of "${parameter}" in ${file} has ${value} at flat index ${index}, expected finite numbers of at least 0. The file is damaged, or the training diverged.`,
    );
  }
}
