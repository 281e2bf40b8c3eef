import { NtkLensError } from '@ntk-lens/core';

/** Labels for which the pool has too few candidates to demonstrate them. */
export class TooFewDemonstrationsError extends NtkLensError {
  static readonly code = 'TOO_FEW_DEMONSTRATIONS';
  readonly labels: readonly string[];
  constructor(labels: readonly string[], query: number, perLabel: number, filtered: boolean) {
    super(
      TooFewDemonstrationsError.code,
      'input',
      `Demonstrations for example ${query}: there are fewer than ${perLabel} candidates with label ${labels.map((label) => JSON.stringify(label)).join(', ')}. ` +
        `Give a larger pool${filtered ? ', a higher filter rate' : ''} or fewer demonstrations per label.`,
    );
    this.labels = labels;
  }
}

/** A pool example whose label the task does not have. */
export class UnknownDemonstrationLabelError extends NtkLensError {
  static readonly code = 'UNKNOWN_DEMONSTRATION_LABEL';
  constructor(label: string, index: number, labels: readonly string[]) {
    super(
      UnknownDemonstrationLabelError.code,
      'input',
      `Pool example ${index} has the label ${JSON.stringify(label)}, expected one of ${labels.map((known) => JSON.stringify(known)).join(', ')}. ` +
        'Mend the pool, or give labelOf to map its labels.',
    );
  }
}
