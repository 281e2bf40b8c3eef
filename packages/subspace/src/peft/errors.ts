import { NtkLensError } from '@ntk-lens/core';

/** An adapter's configuration cannot be understood. */
export class AdapterConfigError extends NtkLensError {
  static readonly code = 'ADAPTER_CONFIG';
  constructor(file: string, found: string, expected: string, options?: { readonly cause?: unknown }) {
    super(AdapterConfigError.code, 'input', `${file}: found ${found}, expected ${expected}.`, options);
  }
}

/** An adapter uses something of PEFT that has no counterpart here. */
export class UnsupportedAdapterError extends NtkLensError {
  static readonly code = 'UNSUPPORTED_ADAPTER';
  constructor(file: string, found: string, supported: string) {
    super(
      UnsupportedAdapterError.code,
      'input',
      `${file}: found ${found}, which is not supported; expected ${supported}.`,
    );
  }
}

/** An adapter was made for another base model or shape. */
export class AdapterMismatchError extends NtkLensError {
  static readonly code = 'ADAPTER_MISMATCH';
  constructor(file: string, tensor: string, found: string, expected: string) {
    super(
      AdapterMismatchError.code,
      'input',
      `${file}: tensor "${tensor}": found ${found}, expected ${expected}. The adapter was made for another model or space.`,
    );
  }
}

/** A space that PEFT has no file format for. */
export class NoAdapterFormatError extends NtkLensError {
  static readonly code = 'NO_ADAPTER_FORMAT';
  constructor(spec: string, supported: readonly string[]) {
    super(
      NoAdapterFormatError.code,
      'input',
      `Adapter files: found the space "${spec}", which PEFT has no format for; expected one of ${supported.join(', ')}. Save the whole model instead.`,
    );
  }
}
