import type { NDArray } from '@ntk-lens/core';

/** Element types that are read as weights; every one becomes float32. */
export const weightDTypes = ['F64', 'F32', 'F16', 'BF16'] as const;
export type WeightDType = (typeof weightDTypes)[number];

/** Bytes per element of every type a weight file may declare, readable as weights or not. */
export const storedBytes = {
  F64: 8,
  F32: 4,
  F16: 2,
  BF16: 2,
  I64: 8,
  U64: 8,
  I32: 4,
  U32: 4,
  I16: 2,
  U16: 2,
  I8: 1,
  U8: 1,
  BOOL: 1,
} as const;
export type StoredDType = keyof typeof storedBytes;

/** The place of a stored tensor. */
export interface WeightInfo {
  readonly shape: readonly number[];
  readonly dtype: StoredDType;
  /** Path or name of the file that holds the bytes. */
  readonly file: string;
  /** First byte in `file`. The bytes are little endian, C order, when `contiguous`. */
  readonly byteOffset: number;
  readonly byteLength: number;
  /** False for a strided view in a torch file, which cannot be referenced in place. */
  readonly contiguous: boolean;
}

/** The part of a tensor that is read, and where to. */
export interface ReadOptions {
  /** Rows of the first axis that are wanted, in this order; a source that reads whole tensors alone gives all of them. */
  readonly rows?: readonly number[];
  /** Gives memory of exactly so many bytes, of any content. Default: it is allocated. */
  readonly allocate?: (bytes: number) => ArrayBuffer;
}

/** Tensors of a checkpoint, as far as they are known before its weights are there. */
export interface KnownTensors {
  readonly names: readonly string[];
  readonly unlisted?: ReadonlyMap<string, string>;
  has(name: string): boolean;
  /** Shape, type and place; undefined where only the name is known. */
  info(name: string): WeightInfo | undefined;
}

/**
 * The tensors whose places are known.
 *
 * @param names all names, where more are known than places
 */
export const knownTensors = (
  infos: ReadonlyMap<string, WeightInfo>,
  names: readonly string[] = [...infos.keys()],
): KnownTensors => {
  const all = new Set(names);
  return { names, has: (name) => all.has(name), info: (name) => infos.get(name) };
};

/** Named tensors, read one by one. Made by `openWeights` in Node, by `safetensorsFrom` anywhere. */
export interface WeightSource {
  /** Every tensor name, in file order. */
  readonly names: readonly string[];
  /** Tensors that the files hold and their index leaves out, with their files. They are not read. */
  readonly unlisted?: ReadonlyMap<string, string>;
  /** True when there is a tensor of this name. */
  has(name: string): boolean;
  /**
   * Shape, type and place of a tensor, without reading it.
   *
   * @throws BadArgumentError if there is none
   */
  info(name: string): WeightInfo;
  /**
   * Reads one tensor as float32. F32 bytes go straight into the final buffer.
   *
   * @throws UnsupportedDTypeError for integers and booleans
   * @throws NonFiniteWeightError if a number is NaN, infinite, or overflows float32
   */
  read(name: string, options?: ReadOptions): Promise<NDArray<'float32'>>;
  /** The stored bytes of a tensor as they are, a piece at a time; a piece is good until the next is asked for. */
  bytes(name: string): AsyncIterable<Uint8Array>;
  close(): Promise<void>;
}
