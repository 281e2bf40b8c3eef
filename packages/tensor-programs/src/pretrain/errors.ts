import { NtkLensError } from '@ntk-lens/core';

/** A field in which two things that should agree differ. */
export interface SchemeDifference {
  readonly field: string;
  readonly found: unknown;
  readonly expected: unknown;
}

/** Fields in which two records differ, compared as JSON. */
export const differencesOf = (
  found: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
): SchemeDifference[] =>
  [...new Set([...Object.keys(expected), ...Object.keys(found)])]
    .map((field) => ({ field, found: found[field], expected: expected[field] }))
    .filter(({ found: a, expected: b }) => JSON.stringify(a) !== JSON.stringify(b));

const listed = (differences: readonly SchemeDifference[]): string =>
  differences
    .map(({ field, found, expected }) => `${field}: ${JSON.stringify(found)} and ${JSON.stringify(expected)}`)
    .join('; ');

/** Models that are not of one scheme, so that they say nothing about width. */
export class MixedLadderError extends NtkLensError {
  static readonly code = 'MIXED_LADDER';
  readonly differences: readonly SchemeDifference[];
  constructor(first: string, second: string, differences: readonly SchemeDifference[]) {
    super(
      MixedLadderError.code,
      'input',
      `${second} and ${first} are not of one scheme (${listed(differences)}), expected models that differ in width and seed alone. Give the directories of one ladder.`,
    );
    this.differences = differences;
  }
}

/** A directory that holds another ladder than the one that is asked for. */
export class OtherLadderError extends NtkLensError {
  static readonly code = 'OTHER_LADDER';
  constructor(directory: string, differences: readonly SchemeDifference[]) {
    super(
      OtherLadderError.code,
      'input',
      `${directory} holds models of another scheme (found and expected ${listed(differences)}). Choose another directory or remove it.`,
    );
  }
}

/** A directory without models that make a ladder, or with a record that cannot be read. */
export class NoLadderError extends NtkLensError {
  static readonly code = 'NO_LADDER';
  constructor(directory: string, found: string, options?: { cause?: unknown }) {
    super(
      NoLadderError.code,
      'input',
      `${directory}: found ${found}, expected a directory that "ntk-lens pretrain" wrote, or a model directory. Give other directories.`,
      options,
    );
  }
}
