/**
 * Named caps of every weight-file reader. A file that asks for more is refused before memory is taken.
 * They are far above what any published model of the supported architectures needs.
 */
export const weightCaps = {
  /** Bytes of a safetensors header or zip directory; parsed JSON takes some 20 times as much memory. */
  maxHeaderBytes: 10_000_000,
  maxTensors: 100_000,
  /** UTF-16 units of a tensor name. */
  maxNameLength: 1_024,
  maxDimensions: 8,
  /** Elements of one tensor; the largest typed array that every supported Node can make. */
  maxElements: 2 ** 31,
  /** Bytes of a shard index or config.json. */
  maxJsonBytes: 10_000_000,
  maxShards: 1_000,
  /** Bytes of the pickle inside a torch file; the tensors are stored next to it. */
  maxPickleBytes: 32_000_000,
  /** Instructions of a pickle, each of which builds at most one value, and items that its calls copy. */
  maxPickleObjects: 1_000_000,
  maxPickleMemo: 500_000,
  maxPickleStack: 500_000,
  /** Open marks, and nesting of the finished value. */
  maxPickleDepth: 64,
  /** Bytes of one arbitrary-precision integer. */
  maxPickleIntegerBytes: 64,
  maxZipEntries: 200_000,
  /** Bytes beyond four times the file that views into shared storages may expand to. */
  maxExpandedBytes: 64 * 2 ** 20,
} as const;
