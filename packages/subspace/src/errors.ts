import { didYouMean, NtkLensError } from '@ntk-lens/core';

const SHOWN = 12;

const listed = (names: readonly string[]): string =>
  names.length <= SHOWN
    ? names.join(', ')
    : `${names.slice(0, SHOWN).join(', ')} and ${names.length - SHOWN} more`;

/** A parameter space of an unknown name. */
export class UnknownSpaceError extends NtkLensError {
  static readonly code = 'UNKNOWN_SPACE';
  constructor(found: string, usages: readonly string[], names: readonly string[]) {
    super(
      UnknownSpaceError.code,
      'input',
      `Parameter space: found "${found}", expected one of ${usages.join('; ')}.${didYouMean(found, names)}`,
    );
  }
}

/** The arguments of a parameter space do not fit. */
export class SpaceSpecError extends NtkLensError {
  static readonly code = 'SPACE_SPEC';
  constructor(spec: string, found: string, expected: string, usage: string, hint = '') {
    super(
      SpaceSpecError.code,
      'input',
      `Parameter space "${spec}": found ${found}, expected ${expected}.${hint} Usage: ${usage}.`,
    );
  }
}

/** Target names of a space match nothing in the model. */
export class NoTargetsError extends NtkLensError {
  static readonly code = 'NO_TARGETS';
  constructor(targets: readonly string[], candidates: readonly string[]) {
    super(
      NoTargetsError.code,
      'input',
      `Targets: found ${targets.map((t) => `"${t}"`).join(', ')}, which match nothing in this model; expected names, ends of names or globs of ${listed(candidates)}.`,
    );
  }
}

/** A low-rank factor that would not be low-rank. */
export class RankTooLargeError extends NtkLensError {
  static readonly code = 'RANK_TOO_LARGE';
  constructor(parameter: string, shape: readonly number[], rank: number) {
    super(
      RankTooLargeError.code,
      'input',
      `LoRA rank: found r = ${rank} for ${parameter} [${shape}], expected at most ${Math.min(...shape)}. Lower r or choose other targets.`,
    );
  }
}

/** A subspace of more dimensions than there are parameters. */
export class SubspaceTooLargeError extends NtkLensError {
  static readonly code = 'SUBSPACE_TOO_LARGE';
  constructor(dimension: number, most: number, what: string) {
    super(
      SubspaceTooLargeError.code,
      'input',
      `Subspace dimension: found k = ${dimension}, expected at most ${most}, ${what}.`,
    );
  }
}

/** A space whose points are not points of the model's own parameters. */
export class NotMergeableError extends NtkLensError {
  static readonly code = 'NOT_MERGEABLE';
  constructor(spec: string) {
    super(
      NotMergeableError.code,
      'input',
      `Merging: found the space "${spec}", which adds to what the model attends to; expected full, head, bitfit, lora, ia3 or intrinsic. Write an adapter instead.`,
    );
  }
}
