import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Random } from '@ntk-lens/core';
import type { Finished, SpawnOptions } from '../spawn-program.js';
import { comparableFiles, differences } from './compare-files.js';

/** A command that is killed and started again. */
export interface KillScenario {
  readonly name: string;
  /** Starts the program, which writes into a directory. */
  readonly start: (out: string, options?: SpawnOptions) => Promise<Finished>;
  /** Printed on stderr when the work that is to be interrupted has begun. */
  readonly begun: RegExp;
  /** Kills come within this share of the time from there to the end of an uninterrupted run. */
  readonly within: number;
  /** The files that must be the same in the end. Default: all. */
  readonly isCompared?: (name: string) => boolean;
}

export interface KillOutcome {
  readonly kills: number;
  /** Runs that were killed at least once and then compared with the uninterrupted one. */
  readonly compared: number;
  /** The faults, a sentence each. */
  readonly faults: readonly string[];
}

/** Far above what any run of a scenario takes. */
const HANGS_AFTER_MS = 300_000;
/** Kills of one directory, at most, before what is left there is compared. */
const MOST_KILLS = 4;

/**
 * Runs a scenario once as it is, then kills it at random moments and starts it again until it ends by itself.
 * It compares the files that are left; in new directories, until it was killed `kills` times.
 */
export const killAndResume = async (
  { name, start, begun, within, isCompared }: KillScenario,
  parent: string,
  { kills: wanted, random, onKill = () => {} }: { kills: number; random: Random; onKill?: () => void },
): Promise<KillOutcome> => {
  const whole = join(parent, 'whole');
  let beginning: number | undefined;
  const uninterrupted = await start(whole, {
    timeout: HANGS_AFTER_MS,
    onStderr: (text) => {
      if (begun.test(text)) beginning ??= performance.now();
    },
  });
  if (uninterrupted.code !== 0 || beginning === undefined)
    throw new Error(`${name} does not run by itself: ${uninterrupted.stderr}`);
  const milliseconds = performance.now() - beginning;
  const expected = await comparableFiles(whole, isCompared);

  const faults: string[] = [];
  let [kills, compared] = [0, 0];
  for (let turn = 0; kills < wanted; turn++) {
    const out = join(parent, `killed-${turn}`);
    const before = kills;
    const most = Math.min(wanted, before + 1 + random.interval(MOST_KILLS - 1));
    let last: Finished;
    do {
      // Some moments are counted from the start, most from the work.
      const after = random.randomSample() < 0.2 ? /./ : begun;
      const delay = kills < most ? random.randomSample() * within * milliseconds : Number.POSITIVE_INFINITY;
      last = await startAndKill(start, out, after, delay);
      if (last.signal === 'SIGKILL') {
        kills++;
        onKill();
      }
    } while (last.signal === 'SIGKILL');
    if (last.code !== 0) {
      faults.push(
        `${name} ended with ${last.code ?? last.signal} after ${kills - before} kills: ${last.stderr.slice(-500)}`,
      );
    } else if (kills > before) {
      compared++;
      const other = differences(await comparableFiles(out, isCompared), expected);
      if (other.length > 0) faults.push(`${name} after ${kills - before} kills: ${other.join(', ')}`);
    }
    await rm(out, { recursive: true, force: true });
  }
  return { kills, compared, faults };
};

const startAndKill = async (
  start: KillScenario['start'],
  out: string,
  after: RegExp,
  delay: number,
): Promise<Finished> => {
  let timer: NodeJS.Timeout | undefined;
  const finished = await start(out, {
    timeout: HANGS_AFTER_MS,
    onStderr: (text, child) => {
      if (delay < Number.POSITIVE_INFINITY && after.test(text))
        timer ??= setTimeout(() => child.kill('SIGKILL'), delay);
    },
  });
  clearTimeout(timer);
  return finished;
};
