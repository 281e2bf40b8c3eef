import { NtkLensError } from '@ntk-lens/core';
import { showNewlines } from '../newlines.js';

/** A word in quotes; a newline is shown as ↵. */
const quoted = (word: string): string => JSON.stringify(showNewlines(word));

const list = (values: readonly string[]): string => values.map(quoted).join(', ');

/** The exact way to name a token, if the vocabulary has some that are near. */
const suggest = (near: readonly string[]): string =>
  near.length > 0
    ? ` The vocabulary has ${list(near)}; name a token as it is written there, or as ${JSON.stringify(`token:${near[0]}`)}.`
    : '';

/** A label mapping that is neither JSON nor a Python dict of texts; `position` is a UTF-16 offset. */
export class MappingSyntaxError extends NtkLensError {
  static readonly code = 'MAPPING_SYNTAX';
  readonly position: number;
  constructor(source: string, position: number, found: string, expected: string) {
    super(
      MappingSyntaxError.code,
      'input',
      `Label mapping: found ${found} at character ${position + 1}, expected ${expected}. Write it like {"0": "terrible", "1": "great"}.\n` +
        `  ${source.slice(Math.max(0, position - 40), position + 40).replace(/\s/g, ' ')}\n  ${' '.repeat(Math.min(position, 40))}^`,
    );
    this.position = position;
  }
}

/** Labels of the task for which the mapping has no word. */
export class MissingLabelsError extends NtkLensError {
  static readonly code = 'MISSING_LABELS';
  readonly missing: readonly string[];
  constructor(missing: readonly string[], mapped: readonly string[]) {
    super(
      MissingLabelsError.code,
      'input',
      `Label mapping: there is no word for label${missing.length > 1 ? 's' : ''} ${list(missing)}. ` +
        `The mapping has words for ${mapped.length > 0 ? list(mapped) : 'no label'}. Add the missing ones.`,
    );
    this.missing = missing;
  }
}

/** A label word of several tokens under the single-token rule. */
export class MultiTokenLabelWordError extends NtkLensError {
  static readonly code = 'MULTI_TOKEN_LABEL_WORD';
  readonly pieces: readonly string[];
  constructor(label: string, word: string, pieces: readonly string[], near: readonly string[] = []) {
    super(
      MultiTokenLabelWordError.code,
      'input',
      `Label ${JSON.stringify(label)}: the word ${quoted(word)} is ${pieces.length} tokens (${list(pieces)}), expected 1. ` +
        `Choose a word that is one token, or the rule "first", "mean" or "joint".${suggest(near)}`,
    );
    this.pieces = pieces;
  }
}

/** A label word that the vocabulary does not have. */
export class UnknownLabelWordError extends NtkLensError {
  static readonly code = 'UNKNOWN_LABEL_WORD';
  constructor(label: string, word: string, pieces: readonly string[], near: readonly string[] = []) {
    super(
      UnknownLabelWordError.code,
      'input',
      `Label ${JSON.stringify(label)}: the word ${quoted(word)} is not in the vocabulary ` +
        `(its tokens: ${pieces.length > 0 ? list(pieces) : 'none'}). Choose another word.${suggest(near)}`,
    );
  }
}

/** Two labels that the model could not tell apart. */
export class DuplicateLabelWordError extends NtkLensError {
  static readonly code = 'DUPLICATE_LABEL_WORD';
  constructor(first: string, second: string, shared: string, firstTokenOnly: boolean) {
    super(
      DuplicateLabelWordError.code,
      'input',
      `Labels ${list([first, second])} have the same ${firstTokenOnly ? 'first token' : 'word'} ${JSON.stringify(shared)}. ` +
        `Every label needs its own${firstTokenOnly ? '; choose other words or the rule "mean" or "joint"' : ' word'}.`,
    );
  }
}
