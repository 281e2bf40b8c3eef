import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Random } from '@ntk-lens/core';
import { type Finished, spawnProgram } from '../spawn-program.js';

/** Work that several processes share. */
export interface UnitScenario {
  readonly name: string;
  readonly program: string;
  /** The command and its options, except for the directory, workers and the memory. */
  readonly argv: readonly string[];
  /** Options that workers are given again. */
  readonly places: readonly string[];
  readonly workers: number;
}

/** Kills by what was killed: workers, the process that hands work to them or waits for them, and Redis. */
export interface Kills {
  worker: number;
  controller: number;
  redis: number;
}

/** A run while it is killed. */
export interface UnitRun {
  readonly out: string;
  readonly log: string;
  /** Kills that are left. */
  left: number;
  readonly kills: Kills;
  /** Workers that stopped by themselves since the process which had started them was killed: each can give up a unit. */
  stopped: number;
}

/** The moments of kills. */
export interface Moments {
  readonly random: Random;
  /** Most time between two of them. */
  readonly milliseconds: number;
  readonly onKill: () => void;
}

/** Memory of all processes of a run together. */
export const MEMORY = 3 * 2 ** 29;

const HANGS_AFTER_MS = 600_000;
const logUnits = fileURLToPath(new URL('./log-units.mjs', import.meta.url));

/** Runs the program so that the units that it begins are logged; `onSpawn` gets its number. */
export const started = (
  { program }: UnitScenario,
  { log }: UnitRun,
  argv: readonly string[],
  onSpawn: (pid: number) => void = () => {},
): Promise<Finished> =>
  spawnProgram(program, argv, {
    ...{ flags: ['--import', logUnits], env: { UNITS_LOG: log }, timeout: HANGS_AFTER_MS },
    onStderr: (text, child) => text === '' && onSpawn(child.pid!),
  });

/** Plans the units of a run, for workers that are started one by one. */
export const planned = (scenario: UnitScenario, run: UnitRun): Promise<Finished> => {
  const { argv, workers } = scenario;
  const machine = ['--memory', String(MEMORY / workers), '--out', run.out];
  return started(scenario, run, [...argv, ...machine, '--plan-units', '--workers', String(workers)]);
};

/** Kills at random moments until the work is over, or no kill is left; `strike` says what it killed, if anything. */
export const killDuring = async (
  work: Promise<unknown>,
  run: UnitRun,
  { random, milliseconds, onKill }: Moments,
  strike: () => Promise<keyof Kills | undefined>,
): Promise<void> => {
  let over = false;
  const ended = work.then(
    () => {
      over = true;
    },
    () => {
      over = true;
    },
  );
  while (run.left > 0) {
    await Promise.race([wait(random.randomSample() * milliseconds), ended]);
    if (over) return;
    const victim = await strike();
    if (victim === undefined) continue;
    run.left--;
    run.kills[victim]++;
    onKill();
  }
};

/** The units that processes of a run began and ended. */
interface UnitLog {
  /** Units that were begun, each once. */
  readonly units: ReadonlySet<string>;
  /** Times that one was begun, those left out in which another process held its directory. */
  readonly begun: number;
  /** Times that one was begun, and its process was killed before it ended. */
  readonly cut: number;
}

export const readLog = async (file: string): Promise<UnitLog> => {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const of = (what: string) => lines.filter((line) => line.startsWith(`${what} `));
  const [begins, ends, refused] = [of('begin'), of('end'), of('refused')];
  const units = new Set(begins.map((line) => line.split(' ')[1]!));
  const begun = begins.length - refused.length;
  return { units, begun, cut: begun - ends.length };
};
