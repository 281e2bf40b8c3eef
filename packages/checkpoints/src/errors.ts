import { NtkLensError } from '@ntk-lens/core';

/** A model directory without a weight file that can be read. */
export class NoWeightsError extends NtkLensError {
  static readonly code = 'NO_WEIGHTS';
  constructor(directory: string, present: readonly string[], wanted: readonly string[]) {
    const seen = present.length === 0 ? 'no files' : present.slice(0, 20).join(', ');
    super(
      NoWeightsError.code,
      'input',
      `There are no weights in ${directory}: found ${seen}, expected one of ${wanted.join(', ')}.${
        present.some((name) => /-\d+-of-\d+\.(safetensors|bin)$/.test(name))
          ? ' Shards need their index: copy it, too.'
          : ''
      }`,
    );
  }
}

/** A weight file whose header or structure contradicts its format. */
export class WeightFileFormatError extends NtkLensError {
  static readonly code = 'WEIGHT_FILE_FORMAT';
  constructor(file: string, found: string, expected: string, options?: { cause?: unknown }) {
    super(
      WeightFileFormatError.code,
      'input',
      `${file} is not a readable weight file: found ${found}, expected ${expected}. Copy or download it again.`,
      options,
    );
  }
}

/** A weight file that ends before its header says. */
export class TruncatedWeightFileError extends NtkLensError {
  static readonly code = 'TRUNCATED_WEIGHT_FILE';
  constructor(file: string, foundBytes: number, expectedBytes: number, what = 'its header promises') {
    super(
      TruncatedWeightFileError.code,
      'input',
      `${file} is truncated: found ${foundBytes} bytes, ${what} ${expectedBytes}. Copy or download it again.`,
    );
  }
}

/** A file that asks for more than a named cap allows; see {@link weightCaps}. */
export class WeightFileLimitError extends NtkLensError {
  static readonly code = 'WEIGHT_FILE_LIMIT';
  constructor(file: string, cap: string, found: number | string, limit: number) {
    super(
      WeightFileLimitError.code,
      'input',
      `${file} exceeds the cap ${cap}: found ${found}, expected at most ${limit}. No model known to this program needs more.`,
    );
  }
}

/** A tensor of a type that cannot be read as weights. */
export class UnsupportedDTypeError extends NtkLensError {
  static readonly code = 'UNSUPPORTED_DTYPE';
  constructor(file: string, tensor: string, dtype: string, readable: readonly string[]) {
    super(
      UnsupportedDTypeError.code,
      'input',
      `Tensor "${tensor}" of ${file} has dtype ${dtype}, expected one of ${readable.join(', ')}. ${
        /^F[468]/.test(dtype)
          ? 'Use the model before it was quantized.'
          : 'Convert the model to one of these.'
      }`,
    );
  }
}

/** A shard index that names a file outside the model directory. */
export class UnsafeShardNameError extends NtkLensError {
  static readonly code = 'UNSAFE_SHARD_NAME';
  constructor(index: string, shard: string) {
    super(
      UnsafeShardNameError.code,
      'input',
      `${index} names the shard ${JSON.stringify(shard.slice(0, 200))}, expected a plain file name in the same folder. The file is not read.`,
    );
  }
}

/** NaN or infinity among the weights. */
export class NonFiniteWeightError extends NtkLensError {
  static readonly code = 'NON_FINITE_WEIGHT';
  constructor(file: string, tensor: string, index: number, value: number) {
    super(
      NonFiniteWeightError.code,
      'input',
      `Tensor "${tensor}" of ${file} has ${value} at flat index ${index}, expected finite float32 numbers. The model is damaged or overflowed in training.`,
    );
  }
}

/** Reading a weight file failed in the operating system. */
export class WeightReadError extends NtkLensError {
  static readonly code = 'WEIGHT_READ';
  constructor(file: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(WeightReadError.code, 'failure', `Reading ${file} failed: ${reason}.`, { cause });
  }
}

/** Writing a file failed; nothing of it is left. */
export class WeightWriteError extends NtkLensError {
  static readonly code = 'WEIGHT_WRITE';
  constructor(file: string, cause: unknown) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      WeightWriteError.code,
      'failure',
      `Writing ${file} failed: ${reason}. Nothing was changed; check space and rights, then run again.`,
      { cause },
    );
  }
}

/** Shards that an index names and that are not there; all of them are listed. */
export class MissingShardsError extends NtkLensError {
  static readonly code = 'MISSING_SHARDS';
  constructor(
    index: string,
    missing: readonly string[],
    shards: number,
    present: readonly string[],
    todo: string,
  ) {
    const list = (names: readonly string[]) =>
      names.length > 20 ? `${names.slice(0, 20).join(', ')} and ${names.length - 20} more` : names.join(', ');
    super(
      MissingShardsError.code,
      'input',
      `${index} names ${shards} shard(s), and ${missing.length} of them are missing: ${list(missing)}. Found ${
        list(present) || 'none of them'
      }, expected every one. ${todo}`,
    );
  }
}

/** One tensor of a model is stored twice, and the numbers differ. */
export class DifferentCopiesError extends NtkLensError {
  static readonly code = 'DIFFERENT_COPIES';
  /**
   * @param first and `second`: the two tensors, as the error names them
   * @param todo a sentence
   */
  constructor(first: string, second: string, todo: string) {
    super(
      DifferentCopiesError.code,
      'input',
      `The weight files hold ${first} and ${second} with different numbers, expected copies of one tensor. ${todo}`,
    );
  }
}

/** A model whose weights are stored as integers or in fewer bits, with scales. */
export class QuantizedModelError extends NtkLensError {
  static readonly code = 'QUANTIZED_MODEL';
  constructor(file: string, found: string) {
    super(
      QuantizedModelError.code,
      'input',
      `${file}: found ${found}, expected weights in float32, float16, bfloat16 or float64. Use the model before it was quantized, or dequantize it with transformers and save it.`,
    );
  }
}
