import { NtkLensError } from '@ntk-lens/core';
import type { machineDifferences } from '@ntk-lens/engine';

/** A file that holds no machine profile, or not the one that was measured. */
export class BadProfileError extends NtkLensError {
  static readonly code = 'BAD_PROFILE';
  constructor(file: string, found: string) {
    super(
      BadProfileError.code,
      'input',
      `${file}: found ${found}, expected a measured machine profile. Remove the file and measure again with "ntk-lens doctor --measure".`,
    );
  }
}

/** A machine profile of another machine than the one that is to compute. */
export class OtherMachineError extends NtkLensError {
  static readonly code = 'OTHER_MACHINE';
  constructor(differences: ReturnType<typeof machineDifferences>) {
    const list = differences.map(
      ({ field, found, expected }) => `${field}: found ${found}, expected ${expected}`,
    );
    super(
      OtherMachineError.code,
      'input',
      `The machine profile belongs to another machine (${list.join('; ')}). Measure this machine with "ntk-lens doctor --measure", or give no profile.`,
    );
  }
}
