import { BadArgumentError, type DType, type NDArray, sizeOf } from '@ntk-lens/core';
import { concatenated, littleEndian } from '../../bytes.js';
import { weightCaps } from '../../caps.js';
import type { TorchValue } from '../torch-value.js';
import type { PyKey } from './pickle-values.js';

/** A tensor's storage next to the pickle. */
export interface WrittenStorage {
  readonly key: string;
  readonly bytes: Uint8Array;
}

/** Options for turning JavaScript values into Python's. */
export interface TorchWriteOptions {
  /** Arrays become tuples (default; `kernel, labels = torch.load(…)` and dictionary keys want them) or lists. */
  readonly sequences?: 'tuple' | 'list';
  /** int32 arrays become int64 tensors (default; what torch's labels and indices are) or stay int32. */
  readonly integers?: 'int64' | 'int32';
}

const storageNames: Readonly<Record<DType, string>> = {
  float64: 'DoubleStorage',
  float32: 'FloatStorage',
  int32: 'IntStorage',
  int8: 'CharStorage',
  uint8: 'ByteStorage',
};

/**
 * Writes a value as a protocol-2 pickle in the form of `torch.save`: tensors are calls of
 * `torch._utils._rebuild_tensor_v2` on storages that lie next to the pickle.
 */
export const writePickle = (
  value: TorchValue,
  options: TorchWriteOptions = {},
): { readonly pickle: Uint8Array; readonly storages: readonly WrittenStorage[] } => {
  const writer = new Writer(options);
  writer.bytes(0x80, 2);
  writer.value(value, 0);
  writer.text('.');
  return { pickle: writer.finish(), storages: writer.storages };
};

class Writer {
  readonly storages: WrittenStorage[] = [];
  private readonly keys = new Map<ArrayLike<number>, string>();
  private readonly parts: Uint8Array[] = [];

  constructor(private readonly options: TorchWriteOptions) {}

  finish(): Uint8Array {
    return concatenated(this.parts);
  }

  bytes(...values: number[]): void {
    this.parts.push(Uint8Array.from(values));
  }

  text(opcodes: string): void {
    this.parts.push(Uint8Array.from(opcodes, (opcode) => opcode.charCodeAt(0)));
  }

  value(value: TorchValue, depth: number): void {
    if (depth > weightCaps.maxPickleDepth) {
      throw new BadArgumentError('value', 'deeper nesting', `at most ${weightCaps.maxPickleDepth} levels`);
    }
    if (value === null) this.text('N');
    else if (value === true) this.text('\x88');
    else if (value === false) this.text('\x89');
    else if (typeof value === 'string') this.string(value);
    else if (
      typeof value === 'bigint' ||
      (typeof value === 'number' && Number.isSafeInteger(value) && !Object.is(value, -0))
    )
      this.integer(BigInt(value));
    else if (typeof value === 'number') this.float(value);
    else if (isSequence(value)) this.sequence(value, depth);
    else if (isMap(value)) {
      this.text('}(');
      for (const [key, item] of value) {
        this.value(key, depth + 1);
        this.value(item, depth + 1);
      }
      this.text('u');
    } else this.tensor(value);
  }

  private sequence(items: readonly TorchValue[], depth: number): void {
    const list = this.options.sequences === 'list';
    this.text(list ? '](' : '(');
    for (const item of items) this.value(item, depth + 1);
    this.text(list ? 'e' : 't');
  }

  private string(value: string): void {
    const utf8 = new TextEncoder().encode(value);
    this.text('X');
    this.parts.push(littleEndian([4, utf8.length]), utf8);
  }

  private integer(value: bigint): void {
    if (value === BigInt.asIntN(32, value)) {
      this.text('J');
      this.parts.push(littleEndian([4, Number(value)]));
      return;
    }
    let length = 5;
    while (value !== BigInt.asIntN(8 * length, value)) length++;
    if (length > weightCaps.maxPickleIntegerBytes)
      throw new BadArgumentError('integer', `${length} bytes`, 'at most 64');
    this.bytes(0x8a, length, ...Array.from({ length }, (_, i) => Number((value >> BigInt(8 * i)) & 0xffn)));
  }

  private float(value: number): void {
    const bytes = new Uint8Array(8);
    new DataView(bytes.buffer).setFloat64(0, value);
    this.text('G');
    this.parts.push(bytes);
  }

  private tensor(array: NDArray): void {
    const wide = array.dtype === 'int32' && this.options.integers !== 'int32';
    this.text('ctorch._utils\n_rebuild_tensor_v2\n((');
    this.string('storage');
    this.text(`ctorch\n${wide ? 'LongStorage' : storageNames[array.dtype]}\n`);
    this.string(this.storageKey(array, wide));
    this.string('cpu');
    this.integer(BigInt(array.data.length));
    this.text('tQ');
    this.integer(0n);
    this.sizes(array.shape);
    this.sizes(array.shape.map((_, d) => sizeOf(array.shape.slice(d + 1))));
    this.text('\x89ccollections\nOrderedDict\n)RtR');
  }

  private sizes(values: readonly number[]): void {
    this.text('(');
    for (const value of values) this.integer(BigInt(value));
    this.text('t');
  }

  private storageKey({ data }: NDArray, wide: boolean): string {
    const known = this.keys.get(data);
    if (known !== undefined) return known;
    const key = String(this.storages.length);
    const numbers = wide ? BigInt64Array.from(data as Int32Array, BigInt) : data;
    this.storages.push({
      key,
      bytes: new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength),
    });
    this.keys.set(data, key);
    return key;
  }
}

const isSequence = (value: TorchValue): value is readonly TorchValue[] => Array.isArray(value);
const isMap = (value: TorchValue): value is ReadonlyMap<PyKey, TorchValue> => value instanceof Map;
