const MIB = 2 ** 20;

/** Most of everything that a file of examples, or a task, may have; beyond it is no few-shot task. */
export const limits = {
  /** Bytes of a file; a string holds little more. */
  fileBytes: 256 * MIB,
  /** Bytes of a row; a longer one is a quote that was never closed. */
  rowBytes: 4 * MIB,
  rows: 5_000_000,
  labels: 10_000,
} as const;
