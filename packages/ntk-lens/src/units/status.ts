import type { NamedProcess } from '@ntk-lens/core';
import { readUnits, type Units } from './manifest.js';
import { MOST_TRIES, readMarks } from './marks.js';
import { unitCommands } from './unit-commands.js';

/** The state of a unit, as its files and marks show it. */
export interface UnitState {
  readonly name: string;
  /** `running` where a process began it and is not known to be gone; `failed` where it is not tried again. */
  readonly state: 'done' | 'running' | 'failed' | 'left';
  /** Processes that began it. */
  readonly by: readonly Pick<NamedProcess, 'pid' | 'host'>[];
  /** Failures so far, and the last error. */
  readonly failures: number;
  readonly error?: string;
}

/** The state of a directory of units. */
export interface UnitsStatus {
  readonly format: 'ntk-lens-units-status';
  readonly version: 1;
  readonly directory: string;
  readonly command: Units['command'];
  readonly counts: Readonly<Record<UnitState['state'], number>>;
  readonly units: readonly UnitState[];
}

/**
 * Says which units of a directory are done, running, failed or left. No model is opened, no clock is looked at, and files are
 * looked at but not hashed: `assembleUnits` does that.
 *
 * @example
 * ```ts
 * const { counts } = await unitsStatus('shared');
 * counts.left;
 * ```
 * @throws NoUnitsError, DamagedUnitsError, FileSystemError
 */
export const unitsStatus = async (directory: string): Promise<UnitsStatus> => {
  const { command, units } = await readUnits(directory);
  const marks = await readMarks(directory);
  const states: UnitState[] = [];
  for (const [number, unit] of units.entries()) {
    const { running = [], failures = [] } = marks.get(number) ?? {};
    const done = await unitCommands[command].looksDone(directory, unit);
    const pending = running.length > 0 ? 'running' : failures.length >= MOST_TRIES ? 'failed' : 'left';
    states.push({
      ...{ name: unit.name, state: done ? 'done' : pending },
      by: done ? [] : running.map(({ pid, host }) => ({ pid, host })),
      ...{ failures: failures.length, error: done ? undefined : failures.at(-1)?.message },
    });
  }
  const counts = { done: 0, running: 0, failed: 0, left: 0 };
  for (const { state } of states) counts[state]++;
  return { format: 'ntk-lens-units-status', version: 1, directory, command, counts, units: states };
};
