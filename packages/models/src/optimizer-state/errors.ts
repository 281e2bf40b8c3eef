import { NtkLensError } from '@ntk-lens/core';

const most = 5;

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
