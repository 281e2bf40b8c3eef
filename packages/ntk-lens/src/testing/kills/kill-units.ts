import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Random } from '@ntk-lens/core';
import { type Finished, spawnProgram } from '../spawn-program.js';
import { comparableFiles, differences } from './compare-files.js';
import { childrenOf, killed } from './processes.js';

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

export interface UnitOutcome {
  readonly runs: number;
  /** Kills of workers, and of the process of `--workers`. */
  readonly kills: { readonly worker: number; readonly controller: number };
  /** Units of one run. */
  readonly units: number;
  /** Units that were begun again, over all runs. */
  readonly again: number;
  /** Processes that were killed, or stopped since the process of `--workers` was, over all runs: each can lose a unit. */
  readonly ended: number;
  /** The faults, a sentence each. */
  readonly faults: readonly string[];
}

interface KillOptions {
  readonly kills: number;
  readonly runs: number;
  readonly random: Random;
  readonly onKill?: () => void;
}

const logUnits = fileURLToPath(new URL('./log-units.mjs', import.meta.url));
const HANGS_AFTER_MS = 600_000;
const MEMORY = 3 * 2 ** 29;

/** A run while it is killed. */
interface Run {
  readonly out: string;
  readonly log: string;
  /** Kills that are left. */
  left: number;
  readonly kills: { worker: number; controller: number };
  ended: number;
}

/**
 * Shares work by processes and kills them at random moments: in one run of two the workers of `--workers` and the process that
 * started them, in the other workers that were started one by one. Each run goes on until its work is done. Then its files must be those of one process, and no more units may have been begun twice than processes ended.
 */
export const killUnits = async (
  scenario: UnitScenario,
  parent: string,
  { kills: wanted, runs: fewest, random, onKill = () => {} }: KillOptions,
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

  const faults: string[] = [];
  const kills = { worker: 0, controller: 0 };
  let [runs, again, ended] = [0, 0, 0];
  for (; kills.worker + kills.controller < wanted || runs < fewest; runs++) {
    const missing = wanted - kills.worker - kills.controller;
    const out = join(parent, `run-${runs}`);
    const left = Math.min(missing, Math.ceil(wanted / fewest));
    const run: Run = { out, log: `${out}.log`, left, kills: { worker: 0, controller: 0 }, ended: 0 };
    const work = runs % 2 === 0 ? byController : byWorkers;
    const last = await work(scenario, run, { random, milliseconds, onKill });
    kills.worker += run.kills.worker;
    kills.controller += run.kills.controller;
    const where = `${name}, run ${runs} after ${run.kills.worker + run.kills.controller} kills`;
    const begun = (await readFile(run.log, 'utf8')).trim().split('\n');
    const lost = units - new Set(begun.map((line) => line.split(' ')[0])).size;
    if (last.code !== 0) faults.push(`${where} ended with ${last.code}: ${last.stderr.slice(-500)}`);
    else {
      const other = differences(await comparableFiles(out), expected);
      if (other.length > 0) faults.push(`${where}: ${other.join(', ')}`);
    }
    if (lost > 0) faults.push(`${where}: ${lost} units were never begun`);
    if (begun.length > units + run.ended)
      faults.push(`${where}: ${begun.length} units begun of ${units}, and ${run.ended} processes ended`);
    again += begun.length - units;
    ended += run.ended;
    await rm(out, { recursive: true, force: true });
  }
  return { runs, kills, units, again, ended, faults };
};

interface Moments {
  readonly random: Random;
  readonly milliseconds: number;
  readonly onKill: () => void;
}

const started = (
  { program }: UnitScenario,
  { log }: Run,
  argv: readonly string[],
  onSpawn: (pid: number) => void = () => {},
): Promise<Finished> =>
  spawnProgram(program, argv, {
    ...{ flags: ['--import', logUnits], env: { UNITS_LOG: log }, timeout: HANGS_AFTER_MS },
    onStderr: (text, child) => text === '' && onSpawn(child.pid!),
  });

/** `--workers n`, whose workers and which itself are killed, and which is started again until it ends by itself. */
const byController = async (
  scenario: UnitScenario,
  run: Run,
  { random, milliseconds, onKill }: Moments,
): Promise<Finished> => {
  const { argv, workers } = scenario;
  const command = [...argv, '--memory', String(MEMORY), '--out', run.out, '--workers', String(workers)];
  for (;;) {
    let controller = 0;
    let over = false;
    const finished = started(scenario, run, command, (pid) => {
      controller = pid;
    }).finally(() => {
      over = true;
    });
    while (run.left > 0 && !over) {
      await Promise.race([wait(random.randomSample() * milliseconds), finished]);
      if (over) break;
      const children = await childrenOf(controller);
      const victims = [controller, ...children];
      const victim = victims[random.interval(victims.length - 1)]!;
      if (!killed(victim)) continue;
      run.left--;
      run.kills[victim === controller ? 'controller' : 'worker']++;
      run.ended += victim === controller ? children.length : 1;
      onKill();
    }
    const last = await finished;
    if (last.code === 0) return last;
    // Killed, or given up since one of its workers was killed three times.
    if (last.signal !== 'SIGKILL' && !last.stderr.includes('WORKER_ENDED')) return last;
  }
};

/** Workers that were started one by one, and started again where they are killed. */
const byWorkers = async (
  scenario: UnitScenario,
  run: Run,
  { random, milliseconds, onKill }: Moments,
): Promise<Finished> => {
  const { argv, places, workers } = scenario;
  const memory = ['--memory', String(MEMORY / workers), '--out', run.out];
  const plan = await started(scenario, run, [
    ...argv,
    ...memory,
    '--plan-units',
    '--workers',
    String(workers),
  ]);
  if (plan.code !== 0) return plan;
  const worker = ['worker', '--units', run.out, ...places, '--json'];
  const running = new Set<number>();
  const untilDone = async (index: number): Promise<Finished> => {
    for (;;) {
      let own = 0;
      const last = await started(scenario, run, [...worker, '--index', `${index}/${workers}`], (pid) => {
        own = pid;
        running.add(pid);
      });
      running.delete(own);
      if (last.signal !== 'SIGKILL') return last;
    }
  };
  let over = false;
  const all = Promise.all(Array.from({ length: workers }, (_, index) => untilDone(index))).finally(() => {
    over = true;
  });
  while (run.left > 0 && !over) {
    await Promise.race([wait(random.randomSample() * milliseconds), all]);
    const victims = [...running];
    if (over || victims.length === 0) continue;
    if (!killed(victims[random.interval(victims.length - 1)]!)) continue;
    run.left--;
    run.kills.worker++;
    run.ended++;
    onKill();
  }
  const bad = (await all).find(({ code }) => code !== 0);
  return bad ?? started(scenario, run, [...worker, '--assemble']);
};
