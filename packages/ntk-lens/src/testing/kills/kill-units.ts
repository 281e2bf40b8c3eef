import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '@ntk-lens/core';
import type { RedisServer } from '@ntk-lens/testing/redis-server';
import { spawnProgram } from '../spawn-program.js';
import { comparableFiles, differences } from './compare-files.js';
import { type Kills, MEMORY, readLog, type UnitRun, type UnitScenario } from './unit-run.js';
import { byController, byQueue, byWorkers } from './unit-ways.js';

export interface UnitOutcome {
  readonly runs: number;
  readonly kills: Readonly<Kills>;
  /** Units of one run. */
  readonly units: number;
  /** Units that were begun again, over all runs. */
  readonly again: number;
  /** Units that were cut off by a kill, or given up since the process of `--workers` was killed, over all runs. */
  readonly retries: number;
  /** The faults, a sentence each. */
  readonly faults: readonly string[];
}

interface KillOptions {
  readonly kills: number;
  readonly runs: number;
  readonly random: Random;
  /** The Redis behind queues, which is killed as well; without it nothing is shared by a queue. */
  readonly redis?: RedisServer;
  readonly onKill?: () => void;
}

const sum = ({ worker, controller, redis }: Kills): number => worker + controller + redis;

/**
 * Shares work by processes and kills them at random moments: by `--workers`, by workers with an index, and by a queue on Redis in
 * turn. Each run goes on until its work is done. Then its files must be those of one process. No more units may have been
 * begun again than kills cut off: one that a Redis took away while it was killed is not computed twice.
 */
export const killUnits = async (
  scenario: UnitScenario,
  parent: string,
  { kills: wanted, runs: fewest, random, redis, onKill = () => {} }: KillOptions,
): Promise<UnitOutcome> => {
  const { name, program, argv, workers } = scenario;
  const start = performance.now();
  const whole = join(parent, 'whole');
  const alone = ['--memory', String(MEMORY / workers), '--out', whole];
  const plan = await spawnProgram(program, [...argv, ...alone, '--plan-units', '--workers', String(workers)]);
  const units: number = plan.code === 0 ? JSON.parse(plan.stdout).units.length : 0;
  const uninterrupted = await spawnProgram(program, [...argv, ...alone]);
  if (units === 0 || uninterrupted.code !== 0)
    throw new Error(`${name} does not run by itself: ${plan.stderr}${uninterrupted.stderr}`);
  const expected = await comparableFiles(whole);
  // Two processes in a row took so long; several take their turns on a processor.
  const milliseconds = performance.now() - start;

  const ways = [...(redis ? [byQueue(redis)] : []), byController, byWorkers];
  const faults: string[] = [];
  const kills: Kills = { worker: 0, controller: 0, redis: 0 };
  let [runs, again, retries] = [0, 0, 0];
  for (; sum(kills) < wanted || runs < fewest; runs++) {
    const out = join(parent, `run-${runs}`);
    const left = Math.min(wanted - sum(kills), Math.ceil(wanted / fewest));
    const own: Kills = { worker: 0, controller: 0, redis: 0 };
    const run: UnitRun = { out, log: `${out}.log`, left, kills: own, stopped: 0 };
    const last = await ways[runs % ways.length]!(scenario, run, { random, milliseconds, onKill });
    for (const victim of ['worker', 'controller', 'redis'] as const) kills[victim] += own[victim];
    const where = `${name}, run ${runs} after ${sum(own)} kills`;
    const log = await readLog(run.log);
    if (last.code !== 0) faults.push(`${where} ended with ${last.code}: ${last.stderr.slice(-500)}`);
    else {
      const other = differences(await comparableFiles(out), expected);
      if (other.length > 0) faults.push(`${where}: ${other.join(', ')}`);
    }
    if (log.units.size < units) faults.push(`${where}: ${units - log.units.size} units were never begun`);
    const needed = log.cut + run.stopped;
    if (log.begun - units > needed)
      faults.push(`${where}: ${log.begun - units} of ${units} units were begun again, and ${needed} cut off`);
    again += log.begun - units;
    retries += needed;
    await rm(out, { recursive: true, force: true });
  }
  return { runs, kills, units, again, retries, faults };
};
