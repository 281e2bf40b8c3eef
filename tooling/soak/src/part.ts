import type { Table } from './print-table.js';

/** The report of a finished job. */
export interface JobReport {
  /** A row of its part's table. */
  readonly row: readonly string[];
  /** Forbidden behaviours of the program, a text each. */
  readonly faults: readonly string[];
  /** Counts towards the least that the part promises. */
  readonly counted: number;
}

/** A piece of work that runs by itself, in parallel with others. */
export interface Job {
  readonly name: string;
  readonly run: (onProgress: (count: number) => void) => Promise<JobReport>;
}

/** One kind of soak. */
export interface Part {
  readonly title: string;
  readonly columns: Table['columns'];
  readonly jobs: readonly Job[];
  /** The counts, and how many there must be. */
  readonly unit: string;
  readonly least: number;
  /** A sentence about all jobs that were done. */
  readonly summary?: () => string;
}
