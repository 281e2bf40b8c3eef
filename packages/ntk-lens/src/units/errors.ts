import { NtkLensError } from '@ntk-lens/core';

/** A directory in which no units were planned. */
export class NoUnitsError extends NtkLensError {
  static readonly code = 'NO_UNITS';
  constructor(directory: string) {
    super(
      NoUnitsError.code,
      'input',
      `${directory} has no units.json, expected a directory in which work was planned for several processes. Plan it with --plan-units, or name another directory.`,
    );
  }
}

/** A manifest of units that is not what planning wrote. */
export class DamagedUnitsError extends NtkLensError {
  static readonly code = 'DAMAGED_UNITS';
  constructor(file: string, found: string) {
    super(
      DamagedUnitsError.code,
      'input',
      `${file}: found ${found}, expected what planning wrote. Remove the file and plan the work again in the same directory: finished units are kept.`,
    );
  }
}

/** A directory with units of other work. */
export class OtherUnitsError extends NtkLensError {
  static readonly code = 'OTHER_UNITS';
  constructor(directory: string, fields: readonly string[]) {
    super(
      OtherUnitsError.code,
      'input',
      `${directory} has units of other work, which differs in ${fields.join(', ')}. Name another directory, or remove units.json and what belongs to it.`,
    );
  }
}

/** A process of another kind than the one that units are planned for. */
export class WorkerKindError extends NtkLensError {
  static readonly code = 'WORKER_KIND';
  constructor(differences: readonly string[], mixable: boolean) {
    const advice = mixable
      ? 'Work on a machine of that kind, or say `mixed: true`, which holds the results to the tolerance of the plan.'
      : 'Give the model, the data and the version of the program that the units were planned with.';
    super(
      WorkerKindError.code,
      'input',
      `This process is of another kind than the units are planned for: ${differences.join('; ')}. ${advice}`,
    );
  }
}

/** Options with a path that lies outside of the directory of units, which a worker was not given. */
export class PlaceNeededError extends NtkLensError {
  static readonly code = 'PLACE_NEEDED';
  constructor(directory: string, options: readonly string[]) {
    super(
      PlaceNeededError.code,
      'input',
      `The units in ${directory} were planned with ${options.map((name) => `\`${name}\``).join(', ')} outside of it, and a manifest names no path there. Give ${options.length > 1 ? 'them' : 'it'} again; what it leads to is compared with what was planned.`,
    );
  }
}

/** Units that failed again and again, each with its error. */
export class UnitsFailedError extends NtkLensError {
  static readonly code = 'UNITS_FAILED';
  constructor(
    failed: readonly { readonly name: string; readonly tries: number; readonly message: string }[],
  ) {
    const list = failed.map(({ name, tries, message }) => `  ${name}, ${tries} times: ${message}`);
    super(
      UnitsFailedError.code,
      'failure',
      `${failed.length === 1 ? 'A unit' : `${failed.length} units`} failed, and the others are finished:\n${list.join('\n')}\nMend the cause. "ntk-lens worker --retry" tries again, and so does the command with --workers.`,
    );
  }
}

/** Results that were to be put together before all units are finished. */
export class MissingUnitsError extends NtkLensError {
  static readonly code = 'MISSING_UNITS';
  constructor(directory: string, missing: readonly string[], total: number) {
    const shown = missing.slice(0, 8).join(', ');
    super(
      MissingUnitsError.code,
      'input',
      `${directory}: ${missing.length} of ${total} units are not finished or not whole (${shown}${missing.length > 8 ? ', …' : ''}), expected all of them. Compute them by workers, and put the results together afterwards.`,
    );
  }
}

/** A process of `workers` that ended without finishing its units. */
export class WorkerEndedError extends NtkLensError {
  static readonly code = 'WORKER_ENDED';
  constructor(worker: string, how: string) {
    super(
      WorkerEndedError.code,
      'failure',
      `Worker ${worker} ended ${how}. Finished units are kept: run again to compute the others.`,
    );
  }
}
