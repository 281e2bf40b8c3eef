import { NtkLensError } from '@ntk-lens/core';

/** A pickle that asks for anything but tensors and plain values. Nothing it names is ever loaded or run. */
export class PickleRefusedError extends NtkLensError {
  static readonly code = 'PICKLE_REFUSED';
  constructor(file: string, what: string) {
    super(
      PickleRefusedError.code,
      'input',
      `${file} asks for ${what}, expected tensors, numbers, text and containers only. It was not run. If you trust the file, convert it to safetensors with the program that made it.`,
    );
  }
}

/** Bytes that are not a pickle, or one that contradicts itself. */
export class PickleFormatError extends NtkLensError {
  static readonly code = 'PICKLE_FORMAT';
  constructor(file: string, position: number, found: string, expected: string) {
    super(
      PickleFormatError.code,
      'input',
      `${file} is not a readable torch file: found ${found} at byte ${position} of its pickle, expected ${expected}.`,
    );
  }
}

/** A pickle that ends in the middle of an instruction. */
export class PickleEndError extends NtkLensError {
  static readonly code = 'PICKLE_END';
  constructor(file: string, position: number, length: number) {
    super(
      PickleEndError.code,
      'input',
      `${file} is truncated: its pickle has ${length} bytes, expected more after byte ${position}. Copy or download it again.`,
    );
  }
}
