import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import {
  areRunning,
  isNtkLensError,
  type NamedProcess,
  namesIn,
  readSealedJson,
  thisProcess,
  writeSealedJson,
} from '@ntk-lens/core';
import { z } from 'zod';

/** Folder of what processes leave about units while they work: who computes which, and what failed. */
export const marksName = 'units';

/** Failures after which a unit is not tried again. */
export const MOST_TRIES = 3;

const processSchema = z.object({
  ...{ pid: z.number(), host: z.string(), started: z.string() },
  slurm: z.object({ cluster: z.string(), job: z.string(), restart: z.number() }).optional(),
  beat: z.number().default(0),
});
const failureSchema = z.object({ code: z.string(), message: z.string() });

/** A failure of a unit. */
export type Failure = z.infer<typeof failureSchema>;

/** The traces that processes left of a unit. */
export interface UnitMarks {
  /** Processes that began it and did not end it, those that are known to be gone left out. */
  readonly running: readonly NamedProcess[];
  readonly failures: readonly Failure[];
}

const folderOf = (directory: string): string => join(directory, marksName);
const nameOf = (kind: 'running' | 'failed', of: number | string): string =>
  `${kind}-${of}-${randomUUID()}.json`;

/**
 * Says that this process computes a unit, or something else that has a name; the function that is returned takes that back.
 *
 * @param beatEvery milliseconds after which the mark is written again, as long as the process lives. Default: never
 */
export const markRunning = async (
  directory: string,
  of: number | string,
  beatEvery?: number,
): Promise<() => Promise<void>> => {
  const file = join(folderOf(directory), nameOf('running', of));
  let beat = 0;
  const write = () => writeSealedJson(file, { ...thisProcess(), beat: beat++ });
  let writing = write();
  await writing;
  // A mark that cannot be written again looks like one of a process that is gone.
  const again = () => {
    writing = writing.then(write).catch(() => {});
  };
  const timer = beatEvery === undefined ? undefined : setInterval(again, beatEvery);
  timer?.unref();
  return async () => {
    clearInterval(timer);
    await writing;
    await rm(file, { force: true });
  };
};

/** Keeps a failure of a unit, without the place of the directory. */
export const keepFailure = async (directory: string, unit: number, error: unknown): Promise<void> => {
  const text = error instanceof Error ? error.message : String(error);
  const code = isNtkLensError(error) ? error.code : 'ERROR';
  const message = text.replaceAll(directory, '.');
  await writeSealedJson(join(folderOf(directory), nameOf('failed', unit)), { code, message });
};

/** Forgets the failures of units, so that they are tried again. */
export const forgetFailures = async (directory: string, units: readonly number[]): Promise<void> => {
  for (const [name, kind, of] of await namesOf(directory))
    if (kind === 'failed' && units.includes(Number(of)))
      await rm(join(folderOf(directory), name), { force: true });
};

/**
 * Marks by unit. No clock is looked at: a process of this host that is gone is known by its number and start, and one of a SLURM
 * job by the end of the job.
 */
export const readMarks = async (directory: string): Promise<ReadonlyMap<number, UnitMarks>> => {
  const found = new Map<number, { running: NamedProcess[]; failures: Failure[] }>();
  const marksOf = (unit: number) => {
    const marks = found.get(unit) ?? { running: [], failures: [] };
    found.set(unit, marks);
    return marks;
  };
  for (const { of, process, runs } of await processesIn(directory))
    if (runs !== false && isUnit(of)) marksOf(Number(of)).running.push(process);
  for (const [name, kind, of] of await namesOf(directory)) {
    const failure = kind === 'failed' ? await failureIn(join(folderOf(directory), name)) : undefined;
    if (failure) marksOf(Number(of)).failures.push(failure);
  }
  return found;
};

/** Failures of a unit so far. */
export const failuresOf = async (directory: string, unit: number): Promise<readonly Failure[]> => {
  const failures: Failure[] = [];
  for (const [name, kind, of] of await namesOf(directory)) {
    if (kind !== 'failed' || Number(of) !== unit) continue;
    const failure = await failureIn(join(folderOf(directory), name));
    if (failure) failures.push(failure);
  }
  return failures;
};

const failureIn = async (file: string): Promise<Failure | undefined> => {
  const { fields, whole } = (await readSealedJson(file)) ?? {};
  return whole ? failureSchema.safeParse(fields).data : undefined;
};

/** A process that began a unit, or something else. */
export interface ProcessMark {
  readonly file: string;
  readonly of: string;
  readonly process: NamedProcess;
  /** Grows while the process lives, if it says so. */
  readonly beat: number;
  /** Undefined where nobody knows. */
  readonly runs: boolean | undefined;
}

/**
 * Marks of processes that began something, and whether each still runs.
 *
 * @param wanted name of the thing that they began. Default: anything
 */
export const processesIn = async (directory: string, wanted?: string): Promise<readonly ProcessMark[]> => {
  const marks: Omit<ProcessMark, 'runs'>[] = [];
  for (const [name, kind, of] of await namesOf(directory)) {
    if (kind !== 'running' || (wanted !== undefined && of !== wanted)) continue;
    const file = join(folderOf(directory), name);
    const { fields, whole } = (await readSealedJson(file)) ?? {};
    const known = whole ? processSchema.safeParse(fields).data : undefined;
    if (!known) continue;
    const { beat, ...process } = known;
    marks.push({ file, of, process, beat });
  }
  const running = await areRunning(marks.map(({ process }) => process));
  return marks.map((mark, i) => ({ ...mark, runs: running[i] }));
};

/** Says that a unit whose files do not show it by themselves is finished; `work` is a hash of everything that it depends on. */
export const markDone = (directory: string, unit: string, work: string): Promise<void> =>
  writeSealedJson(join(folderOf(directory), `done-${unit}.json`), { work });

/** The hash with which a unit was marked as finished; undefined where it was not. */
export const isMarkedDone = async (directory: string, unit: string): Promise<unknown> => {
  const stored = await readSealedJson(join(folderOf(directory), `done-${unit}.json`));
  return stored?.whole ? stored.fields?.['work'] : undefined;
};

/** Removes all marks: everything is finished. */
export const removeMarks = (directory: string): Promise<void> =>
  rm(folderOf(directory), { recursive: true, force: true });

/** Removes the marks of processes that are gone. */
export const removeGone = async (directory: string): Promise<void> => {
  for (const { file, runs } of await processesIn(directory))
    if (runs === false) await rm(file, { force: true });
};

const namesOf = async (
  directory: string,
): Promise<readonly (readonly [name: string, kind: string, of: string])[]> =>
  (await namesIn(folderOf(directory))).flatMap((name) => {
    const [, kind, of] =
      /^(running|failed)-([\da-z-]+)-[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\.json$/.exec(name) ?? [];
    return kind === undefined || of === undefined ? [] : [[name, kind, of] as const];
  });

const isUnit = (of: string): boolean => /^\d+$/.test(of);
