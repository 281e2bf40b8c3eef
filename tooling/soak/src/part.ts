import type { Table } from './print-table.js';

/** What a job reports when it is done. */
export interface JobReport {
  /** A row of its part's table. */
  readonly row: readonly string[];
  /** What the program must never do, a text each. */
  readonly faults: readonly string[];
  /** What was counted towards the least that the part promises. */
  readonly counted: number;
}

/** A piece of work that is done by itself, beside others. */
export interface Job {
  readonly name: string;
  readonly run: (onProgress: (count: number) => void) => Promise<JobReport>;
}

/** One kind of soak. */
export interface Part {
  readonly title: string;
  readonly columns: Table['columns'];
  readonly jobs: readonly Job[];
  /** What is counted, and how many there must be. */
  readonly unit: string;
  readonly least: number;
}
