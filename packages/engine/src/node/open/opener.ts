import type { Runtime } from '../../runtime.js';

export interface OpenOptions {
  readonly threads: number;
  /** The reason for this choice of runtime; goes into its info. */
  readonly reason: string;
  /** Number of compiled programs to keep. */
  readonly compiledPrograms?: number;
}

/**
 * Opens a runtime that was seen to compute.
 *
 * @throws RuntimeUnavailableError
 */
export type Opener = (options: OpenOptions) => Promise<Runtime>;
