import { NtkLensError } from '@ntk-lens/core';

/** A directory in which no units were planned. */
export class NoUnitsError extends NtkLensError {
  static readonly code = 'NO_UNITS';
  constructor(directory: string) {
    super(
      NoUnitsError.code,
      'input',
      `${directory} has no units.json, expected a directory in which work was planned for several processes. Plan the work with --plan-units, or name another directory.`,
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
      `${file}: found ${found}, expected a list of units that --plan-units wrote. Remove the file and plan the work again in the same directory. Finished units are kept.`,
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
      `${directory} holds the units of other work: found another ${fields.join(', another ')}, expected the same. Name another directory, or empty this one.`,
    );
  }
}

/** A process of another kind than the one that units are planned for. */
export class WorkerKindError extends NtkLensError {
  static readonly code = 'WORKER_KIND';
  constructor(differences: readonly string[], mixable: boolean) {
    const advice = mixable
      ? 'Start the worker on a machine of the planned kind, or set `mixed`, which accepts results within the tolerance of the plan.'
      : 'Give the model and the data of the plan, and use the same version of the program.';
    super(
      WorkerKindError.code,
      'input',
      `The units are planned for another kind of process: ${differences.join('; ')}. ${advice}`,
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
      `The units in ${directory} were planned with ${options.map((name) => `\`${name}\``).join(', ')} outside of this directory, and units.json does not store such paths. Give ${options.length > 1 ? 'them' : 'it'} again; the worker compares the content with the plan.`,
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
      `${failed.length === 1 ? 'A unit' : `${failed.length} units`} failed, expected all to finish; the others are finished:\n${list.join('\n')}\nRemove the cause, and try again with "ntk-lens worker --retry" or with the same command and --workers.`,
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
      `${directory}: ${missing.length} of ${total} units are unfinished or damaged (${shown}${missing.length > 8 ? ', …' : ''}), expected all units to be finished. Start workers that compute them, then put the results together.`,
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
      `Worker ${worker} ended ${how} before its units were finished. Finished units are kept. Run again to compute the others.`,
    );
  }
}
