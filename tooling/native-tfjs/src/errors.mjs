/** A cause the reader can act on: printed without a stack, exit code 1 (2 for wrong usage). */
export class BuildError extends Error {
  /**
   * @param {string} message An error that says what was found, what was expected and what to do.
   * @param {{ exitCode?: 1 | 2, cause?: unknown }} [options]
   */
  constructor(message, options = {}) {
    super(message, { cause: options.cause });
    this.name = 'BuildError';
    this.exitCode = options.exitCode ?? 1;
  }
}
