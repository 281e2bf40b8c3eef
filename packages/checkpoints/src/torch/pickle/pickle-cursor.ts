import { weightCaps } from '../../caps.js';
import { WeightFileLimitError } from '../../errors.js';
import { PickleEndError, PickleFormatError } from './pickle-errors.js';

/** Reads the operands of pickle instructions, never past the end. */
export class PickleCursor {
  private readonly view: DataView;

  constructor(
    readonly bytes: Uint8Array,
    readonly file: string,
    public position = 0,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  byte(): number {
    return this.view.getUint8(this.skip(1));
  }

  uint16(): number {
    return this.view.getUint16(this.skip(2), true);
  }

  int32(): number {
    return this.view.getInt32(this.skip(4), true);
  }

  uint32(): number {
    return this.view.getUint32(this.skip(4), true);
  }

  /** A length of 8 bytes; one beyond 2^53 lies past any end. */
  length64(): number {
    return Number(this.view.getBigUint64(this.skip(8), true));
  }

  float64(): number {
    return this.view.getFloat64(this.skip(8), false);
  }

  /** A two's complement integer of `length` bytes; a number where exact, else a bigint. */
  integer(length: number): number | bigint {
    if (length > weightCaps.maxPickleIntegerBytes || length < 0) {
      throw new WeightFileLimitError(
        this.file,
        'maxPickleIntegerBytes',
        length,
        weightCaps.maxPickleIntegerBytes,
      );
    }
    const start = this.skip(length);
    let value = 0n;
    for (let i = length - 1; i >= 0; i--) value = (value << 8n) | BigInt(this.bytes[start + i]!);
    const signed = BigInt.asIntN(8 * length, value);
    const number = Number(signed);
    return Number.isSafeInteger(number) ? number : signed;
  }

  /** `length` bytes as UTF-8, where Python's lone surrogates become U+FFFD. */
  text(length: number): string {
    const start = this.skip(length);
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(this.bytes.subarray(start, start + length));
  }

  /** `length` bytes as Latin-1, for text that Python 2 wrote. */
  latin1(length: number): string {
    const start = this.skip(length);
    let text = '';
    for (let at = start; at < start + length; at += 4096)
      text += String.fromCharCode(...this.bytes.subarray(at, Math.min(at + 4096, start + length)));
    return text;
  }

  /** A line of text without its end. */
  line(): string {
    const end = this.bytes.indexOf(10, this.position);
    if (end < 0) throw new PickleEndError(this.file, this.position, this.bytes.length);
    if (end - this.position > weightCaps.maxNameLength) {
      throw new PickleFormatError(
        this.file,
        this.position,
        `a line of ${end - this.position} bytes`,
        'a name',
      );
    }
    const line = this.text(end - this.position);
    this.position++;
    return line;
  }

  private skip(length: number): number {
    const start = this.position;
    if (start + length > this.bytes.length) throw new PickleEndError(this.file, start, this.bytes.length);
    this.position += length;
    return start;
  }
}
