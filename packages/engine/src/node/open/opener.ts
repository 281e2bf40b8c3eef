import type { Runtime } from '../../runtime.js';

export interface OpenOptions {
  readonly threads: number;
  /** Why this runtime was chosen; goes into its info. */
  readonly reason: string;
  /** How many compiled programs to keep. */
  readonly compiledPrograms?: number;
}

/**
 * Opens a runtime that was seen to compute.
 *
 * @throws RuntimeUnavailableError
 */
export type Opener = (options: OpenOptions) => Promise<Runtime>;
