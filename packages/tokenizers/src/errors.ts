import { NtkLensError } from '@ntk-lens/core';

/** No set of files that makes a tokenizer was found. */
export class TokenizerFilesMissingError extends NtkLensError {
  static readonly code = 'TOKENIZER_FILES_MISSING';
  constructor(where: string, found: readonly string[]) {
    super(
      TokenizerFilesMissingError.code,
      'input',
      `${where} has no tokenizer: found ${found.length > 0 ? found.join(', ') : 'no files of one'}; ` +
        'expected tokenizer.json, or vocab.json and merges.txt, or vocab.txt. ' +
        'Copy the missing file from the model repository.',
    );
  }
}

/** A tokenizer file that does not say what it must; `path` is the place in it. */
export class TokenizerFormatError extends NtkLensError {
  static readonly code = 'TOKENIZER_FORMAT';
  constructor(
    readonly file: string,
    readonly path: string,
    found: string,
    expected: string,
    options?: { cause?: unknown },
  ) {
    super(
      TokenizerFormatError.code,
      'input',
      `${file}${path === '' ? '' : `, at ${path}`}: found ${found}, expected ${expected}. ` +
        'The file may be damaged; get it again from the model repository.',
      options,
    );
  }
}

/** Something in a tokenizer file is larger than the named cap. */
export class TokenizerTooLargeError extends NtkLensError {
  static readonly code = 'TOKENIZER_TOO_LARGE';
  constructor(what: string, found: number, cap: string, limit: number) {
    super(
      TokenizerTooLargeError.code,
      'input',
      `${what}: found ${found}, expected at most ${limit} (${cap}). This is not a tokenizer of a known model family.`,
    );
  }
}

/** A kind of model, normalizer, pre-tokenizer or decoder that is not implemented. */
export class UnsupportedTokenizerError extends NtkLensError {
  static readonly code = 'UNSUPPORTED_TOKENIZER';
  constructor(file: string, path: string, found: string, supported: readonly string[]) {
    super(
      UnsupportedTokenizerError.code,
      'input',
      `${file}, at ${path}: found ${found}, expected one of ${supported.join(', ')}. ` +
        'Use a model whose tokenizer is built of these.',
    );
  }
}

/** A regular expression that is wrong, or that could take very long. */
export class UnsafePatternError extends NtkLensError {
  static readonly code = 'UNSAFE_TOKENIZER_PATTERN';
  constructor(file: string, path: string, pattern: string, reason: string, options?: { cause?: unknown }) {
    super(
      UnsafePatternError.code,
      'input',
      `${file}, at ${path}: found the pattern ${JSON.stringify(pattern.slice(0, 80))}, which ${reason}; ` +
        'expected a regular expression whose time is at most quadratic in the length of the text.',
      options,
    );
  }
}

/** A text that is longer than a tokenizer takes, as given or after normalization. */
export class TextTooLongError extends NtkLensError {
  static readonly code = 'TEXT_TOO_LONG';
  constructor(found: number, limit: number, when: string) {
    super(
      TextTooLongError.code,
      'input',
      `The text has ${found} characters ${when}, expected at most ${limit}. Cut it into parts.`,
    );
  }
}
