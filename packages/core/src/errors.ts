/**
 * The caller's task after an error: mend the input (exit code 2), look into a failure (1), or resume (130).
 */
export type ErrorKind = 'input' | 'failure' | 'cancelled';

/**
 * Base of every error that NTK Lens throws on purpose. A message says what was found, what was expected and
 * what to do. Each cause has its own subclass in its own package, with a stable `code`.
 *
 * The marker `Symbol.for('ntk-lens.error.<code>')` lets {@link isError} recognize an error even when two
 * copies of a package are installed and `instanceof` fails.
 *
 * @example
 * ```ts
 * class UnknownTaskError extends NtkLensError {
 *   static readonly code = 'UNKNOWN_TASK';
 *   constructor(name: string, known: readonly string[]) {
 *     super(UnknownTaskError.code, 'input', `Task "${name}" is not known. Known tasks: ${known.join(', ')}.`);
 *   }
 * }
 * ```
 */
export class NtkLensError extends Error {
  readonly code: string;
  readonly kind: ErrorKind;

  constructor(code: string, kind: ErrorKind, message: string, options?: { cause?: unknown }) {
    super(message, options);
    // Bundlers rename a class that refers to itself, e.g. to _UnknownTaskError.
    this.name = new.target.name.replace(/^_+/, '');
    this.code = code;
    this.kind = kind;
    Object.defineProperty(this, Symbol.for(`ntk-lens.error.${code}`), { value: true });
    Object.defineProperty(this, Symbol.for('ntk-lens.error'), { value: true });
  }
}

/** True for any error of this project, whichever copy of the package made it. */
export const isNtkLensError = (error: unknown): error is NtkLensError =>
  typeof error === 'object' && error !== null && Symbol.for('ntk-lens.error') in error;

/**
 * True when `error` is of the given class, whichever copy of the package made it.
 *
 * @example
 * ```ts
 * try {
 *   findTask('sentimant');
 * } catch (error) {
 *   if (isError(error, UnknownTaskError)) console.error(error.message);
 * }
 * ```
 */
export const isError = <E extends NtkLensError>(
  error: unknown,
  errorClass: { readonly code: string; readonly prototype: E },
): error is E =>
  typeof error === 'object' && error !== null && Symbol.for(`ntk-lens.error.${errorClass.code}`) in error;

/** Thrown by long work when its `AbortSignal` fires; what was finished before is kept. */
export class CancelledError extends NtkLensError {
  static readonly code = 'CANCELLED';
  constructor(what: string) {
    super(
      CancelledError.code,
      'cancelled',
      `${what} was cancelled. Finished parts are kept; run again to resume.`,
    );
  }
}

/**
 * An argument of a public function that does not fit; `expected` completes "expected …", and a hint such as that of
 * `didYouMean` ends the sentence.
 */
export class BadArgumentError extends NtkLensError {
  static readonly code = 'BAD_ARGUMENT';
  constructor(name: string, found: unknown, expected: string, hint = '') {
    const shown = typeof found === 'string' ? JSON.stringify(found) : String(found);
    super(BadArgumentError.code, 'input', `${name}: found ${shown}, expected ${expected}.${hint}`);
  }
}

/** Options that exclude each other. */
export class ConflictingOptionsError extends NtkLensError {
  static readonly code = 'CONFLICTING_OPTIONS';
  constructor(found: string, advice: string) {
    super(ConflictingOptionsError.code, 'input', `${found} ${advice}`);
  }
}
