import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';
import { CancelledError, type LongTaskOptions, thisProcess, throwIfCancelled } from '@ntk-lens/core';
import { z } from 'zod';
import { UnitsFailedError, WorkerEndedError } from './errors.js';
import { forgetFailures, readMarks } from './marks.js';
import { type Places, placeFlags } from './places.js';
import type { PlannedUnits } from './plan-units.js';
import { unitsStatus } from './status.js';

export interface WorkersOptions extends LongTaskOptions {
  readonly workers: number;
  readonly places: Places;
}

/** Times that a worker is started again after a signal ended it. */
const MOST_STARTS = 3;

/** The end of a worker. */
interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The last line of its errors, as it prints them with `--json`. */
  readonly error?: { readonly code: string; readonly message: string };
}

/**
 * Computes all units on processes of this machine, each of which is this program as a worker. Their progress is shown as one.
 * When the signal fires they stop at their next safe point, and finished units are kept.
 *
 * @throws UnitsFailedError, when the other units are finished; WorkerEndedError, CancelledError
 */
export const runWorkers = async (
  { directory, units }: PlannedUnits,
  { workers, places, signal, onProgress }: WorkersOptions,
): Promise<void> => {
  const total = units.units.length;
  const done = new Array<number>(workers).fill(0);
  const report = (): void =>
    onProgress?.({ phase: 'units', done: done.reduce((sum, own) => sum + own, 0), total, unit: 'units' });
  const work = async (index: number): Promise<void> => {
    const argv = [
      'worker',
      '--units',
      directory,
      '--index',
      `${index}/${workers}`,
      ...placeFlags(places),
      '--json',
    ];
    for (let start = 1; ; start++) {
      const ended = await startWorker(argv, signal, (own) => {
        done[index] = own;
        report();
      });
      if (ended.code === 0 || ended.error?.code === UnitsFailedError.code) return;
      if (signal?.aborted) throw new CancelledError('The work of several processes');
      if (ended.signal !== null && start < MOST_STARTS) continue;
      const how = ended.signal ? `by ${ended.signal}` : `with exit code ${ended.code}`;
      throw new WorkerEndedError(
        `${index} of ${workers}`,
        ended.error ? `${how}: ${ended.error.message}` : how,
      );
    }
  };
  // Whoever starts the command again has mended the cause of what failed.
  await forgetFailures(directory, [...units.units.keys()]);
  report();
  for (let round = 1; ; round++) {
    const all = await Promise.allSettled(Array.from({ length: workers }, (_, index) => work(index)));
    const broken = all.find((one) => one.status === 'rejected');
    if (broken) throw broken.reason;
    const { units: states, counts } = await unitsStatus(directory);
    const failed = states.filter(({ state }) => state === 'failed');
    if (failed.length > 0)
      throw new UnitsFailedError(
        failed.map(({ name, failures, error = '' }) => ({ name, tries: failures, message: error })),
      );
    if (counts.done === total || round === MOST_STARTS) return;
    // Workers of an earlier call, which was killed, keep others out of their directories until their next safe point.
    await untilOthersEnd(directory, signal);
  }
};

/** Milliseconds from one look at the processes of this host to the next. */
const LOOK_MS = 200;

/** Waits for the processes of this host that compute a unit. */
const untilOthersEnd = async (directory: string, signal: AbortSignal | undefined): Promise<void> => {
  const { host } = thisProcess();
  for (;;) {
    throwIfCancelled(signal, 'The work of several processes');
    const marks = [...(await readMarks(directory)).values()];
    if (!marks.some(({ running }) => running.some((other) => other.host === host))) return;
    await wait(LOOK_MS);
  }
};

const startWorker = (
  argv: readonly string[],
  signal: AbortSignal | undefined,
  onUnits: (done: number) => void,
): Promise<Ended> =>
  new Promise((resolve, reject) => {
    if (signal?.aborted) return resolve({ code: null, signal: null });
    // In a group of its own, so that Ctrl-C reaches this process alone, which lets the workers stop at a safe point.
    const child: ChildProcess = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...argv], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      ...{ detached: true, windowsHide: true },
    });
    const stop = (): void => {
      if (child.connected) child.disconnect();
    };
    signal?.addEventListener('abort', stop, { once: true });
    let errors = '';
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      errors = `${errors}${text}`.slice(-10_000);
    });
    child.on('message', (message) => {
      const known = progressSchema.safeParse(message).data;
      if (known) onUnits(known.done);
    });
    child.on('error', reject);
    // No `close` comes where this process has hung up.
    const closed = once(child.stderr!, 'close');
    child.on('exit', async (code, killed) => {
      await closed;
      signal?.removeEventListener('abort', stop);
      resolve({ code, signal: killed, error: errorIn(errors) });
    });
  });

/** Units of its share that a worker has, as it says by IPC. */
const progressSchema = z.strictObject({ done: z.int().nonnegative() });

/** An error as a worker prints it with `--json`. */
const errorSchema = z.object({ type: z.literal('error'), code: z.string(), message: z.string() });

/** The error that a worker printed last; undefined where its last line is something else. */
const errorIn = (lines: string): Ended['error'] => {
  try {
    return errorSchema.safeParse(JSON.parse(lines.trim().split('\n').at(-1)!)).data;
  } catch {
    return undefined;
  }
};
