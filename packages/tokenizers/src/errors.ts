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
        'Copy the missing file from the model repository, or let transformers write a tokenizer.json.',
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

/** A class of tokenizer, or an option of one, that gives other token ids than what is implemented. */
export class UnsupportedTokenizerClassError extends NtkLensError {
  static readonly code = 'UNSUPPORTED_TOKENIZER_CLASS';
  constructor(file: string, found: string, why: string, advice: string) {
    super(
      UnsupportedTokenizerClassError.code,
      'input',
      `${file}: found ${found}, ${why}; expected a tokenizer that tokenizer.json holds whole, or the vocabulary of ` +
        `BERT, RoBERTa or GPT-2. ${advice}`,
    );
  }
}

/** A regular expression of a tokenizer file that is wrong, or that cannot be matched in linear time. */
export class PatternError extends NtkLensError {
  static readonly code = 'TOKENIZER_PATTERN';
  constructor(file: string, path: string, pattern: string, reason: string) {
    super(
      PatternError.code,
      'input',
      `${file}, at ${path}: found the pattern ${JSON.stringify(pattern.slice(0, 80))}, which ${reason}; ` +
        'expected a regular expression of Oniguruma without references back. Use a model with another tokenizer.',
    );
  }
}

/** A text for which a tokenizer takes more steps than any of a known family does. */
export class TooMuchWorkError extends NtkLensError {
  static readonly code = 'TOKENIZER_WORK';
  constructor(characters: number, steps: number) {
    super(
      TooMuchWorkError.code,
      'input',
      `A text of ${characters} characters takes this tokenizer more than ${steps} steps (STEPS_PER_CHARACTER), ` +
        'expected fewer: its patterns or normalizers multiply the work. Cut the text into parts, or use a model ' +
        'with another tokenizer.',
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
