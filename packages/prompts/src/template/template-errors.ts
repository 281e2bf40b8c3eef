import { didYouMean, NtkLensError } from '@ntk-lens/core';
import { showNewlines } from '../newlines.js';

const caret = (template: string, start: number, end: number): string => {
  const from = Math.max(0, start - 40);
  const shown = template
    .slice(from, end + 40)
    .replaceAll('\n', '↵')
    .replace(/\s/g, ' ');
  return `\n  ${shown}\n  ${' '.repeat(start - from)}${'^'.repeat(Math.max(1, Math.min(end - start, 80)))}`;
};

/** Base of all errors that point into a template; `start` and `end` are UTF-16 offsets. */
export abstract class TemplateError extends NtkLensError {
  readonly template: string;
  readonly start: number;
  readonly end: number;

  constructor(code: string, template: string, start: number, end: number, message: string) {
    super(code, 'input', `Template: ${showNewlines(message)}${caret(template, start, end)}`);
    this.template = template;
    this.start = start;
    this.end = end;
  }
}

/** The stars do not pair up. */
export class UnbalancedStarError extends TemplateError {
  static readonly code = 'TEMPLATE_UNBALANCED_STAR';
  constructor(template: string, start: number) {
    super(
      UnbalancedStarError.code,
      template,
      start,
      start + 1,
      `the "*" at character ${start + 1} opens a piece that is not closed. Expected an even number of stars; write "*" after the piece.`,
    );
  }
}

/** A name between stars that the language does not have. */
export class UnknownPieceError extends TemplateError {
  static readonly code = 'TEMPLATE_UNKNOWN_PIECE';
  constructor(template: string, start: number, end: number, known: readonly string[]) {
    super(
      UnknownPieceError.code,
      template,
      start,
      end,
      `piece "${template.slice(start, end)}" at character ${start + 1} is not known.${didYouMean(template.slice(start, end).replace(/\d+$/, 'i'), known)} Expected one of ${known.join(', ')} (i a number). Literal text stands outside the stars.`,
    );
  }
}

/** An index that is missing, not a number, or beyond what the example, the label words or the demonstrations have. */
export class BadIndexError extends TemplateError {
  static readonly code = 'TEMPLATE_BAD_INDEX';
  constructor(template: string, start: number, end: number, expected: string) {
    super(
      BadIndexError.code,
      template,
      start,
      end,
      `piece "${template.slice(start, end)}" at character ${start + 1} has a bad index. Expected ${expected}.`,
    );
  }
}

/** A template in which nothing is to be predicted. */
export class NoMaskError extends TemplateError {
  static readonly code = 'TEMPLATE_NO_MASK';
  constructor(template: string) {
    super(
      NoMaskError.code,
      template,
      0,
      template.length,
      'no "*mask*" found. Expected one where the label word stands, as in "*cls**sent_0*_It_was*mask*.*sep+*".',
    );
  }
}

/** A template longer than the cap. */
export class TemplateTooLongError extends TemplateError {
  static readonly code = 'TEMPLATE_TOO_LONG';
  constructor(template: string, cap: number) {
    super(
      TemplateTooLongError.code,
      template,
      cap,
      cap + 1,
      `${template.length} characters found, expected at most ${cap}. Shorten it or use fewer demonstrations.`,
    );
  }
}

/** A sentence after the mask in a template for a causal model, which would never read it. */
export class SentenceAfterMaskError extends TemplateError {
  static readonly code = 'TEMPLATE_SENTENCE_AFTER_MASK';
  constructor(template: string, start: number, end: number) {
    super(
      SentenceAfterMaskError.code,
      template,
      start,
      end,
      `piece "${template.slice(start, end)}" at character ${start + 1} stands after the mask, where a causal model does not see it. Put every sentence before "*mask*".`,
    );
  }
}
