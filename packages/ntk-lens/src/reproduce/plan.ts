import { isError, sha256, throwIfCancelled } from '@ntk-lens/core';
import { type EarlyLens, prepareTask } from '@ntk-lens/lens';
import { findTask, MissingDataError } from '@ntk-lens/tasks';
import { type PartName, partNames } from '../options/reproduce.js';
import type { RunConfig } from '../options/run-config.js';
import { MissingTasksError, namingTask, TaskRefusedError } from '../run/several/errors.js';
import type { TasksOptions } from '../run/several/over-tasks.js';
import { taskOptions } from '../run/with-lens.js';
import { readCell } from './cells/cell-record.js';
import { type ProtocolCell, sampleRuns } from './cells/protocol-cell.js';
import { type ReproduceConfig, taskRuns } from './config.js';
import { reproducedLadder } from './ladder.js';
import { parts } from './parts/index.js';
import type { PartRequest, TaskOfPart } from './parts/part.js';
import { rememberingSamples } from './remembering-samples.js';

/** A cell with what is known of it. */
export interface PlannedCell {
  readonly cell: ProtocolCell;
  /** The parts that need it. */
  readonly parts: readonly PartName[];
  /** Hash of its samples. */
  readonly data: string;
  /** The result of an earlier call. */
  readonly known?: { readonly result: unknown };
}

/** The work of a reproduction. */
export interface ReproducePlan {
  readonly request: PartRequest;
  /** Every cell once, in the order in which they are computed. */
  readonly cells: readonly PlannedCell[];
  /** Parts that are not asked for, and whose cells are all finished when it is called, with their results by key. */
  readonly finished: () => Promise<readonly (readonly [PartName, ReadonlyMap<string, unknown>])[]>;
  /** Tasks whose data are not there, each with what was looked for. */
  readonly missing: Readonly<Record<string, string>>;
}

/**
 * Reads the samples of all tasks, gathers the cells of all parts, and finds those that are finished.
 *
 * @param directory directory of the reproduction
 * @throws MissingTasksError; TaskRefusedError for what tasks refuse; what reading a ladder throws
 */
export const planReproduction = async (
  lens: EarlyLens,
  config: ReproduceConfig,
  directory: string,
  { skipMissing = false, force = false, signal }: TasksOptions,
): Promise<ReproducePlan> => {
  const missing: Record<string, string> = {};
  const tasks: TaskOfPart[] = [];
  const hashes = new Map<string, string>();
  for (const run of taskRuns(config)) {
    try {
      await namingTask(run.task, async () => prepareTask(run.task, taskOptions(run)));
      for (const sample of sampleRuns(run)) {
        throwIfCancelled(signal, 'Reading the samples');
        hashes.set(nameOf(sample), await namingTask(run.task, () => hashOfSample(lens, sample)));
      }
      tasks.push({ run, spec: findTask(run.task) });
    } catch (error) {
      if (!isError(error, TaskRefusedError) || !isError(error.cause, MissingDataError)) throw error;
      missing[run.task] = error.cause.message;
    }
  }
  if (Object.keys(missing).length > 0 && (!skipMissing || tasks.length === 0))
    throw new MissingTasksError(missing, tasks.length);
  const ladder = config.ladder && (await reproducedLadder(config.ladder));
  const request: PartRequest = { config, tasks, missing: Object.keys(missing), ladder, model: lens.name };
  const needed = new Map<string, { cell: ProtocolCell; parts: PartName[] }>();
  for (const name of config.parts)
    for (const cell of parts[name].cells(request)) {
      const known = needed.get(cell.key) ?? { cell, parts: [] };
      if (!known.parts.includes(name)) known.parts.push(name);
      needed.set(cell.key, known);
    }
  const dataOf = ({ run }: ProtocolCell): string =>
    sampleRuns(run)
      .map((sample) => hashes.get(nameOf(sample)))
      .join();
  const cells: PlannedCell[] = [];
  for (const { cell, parts: own } of inOrder([...needed.values()], tasks)) {
    const data = dataOf(cell);
    const known = force ? undefined : await readCell(directory, cell, data);
    cells.push({ cell, parts: own, data, known });
  }
  const finished = async () => {
    const others: [PartName, ReadonlyMap<string, unknown>][] = [];
    for (const name of partNames.filter((other) => !force && !config.parts.includes(other))) {
      const found = await finishedResults(directory, parts[name].cells(request), dataOf);
      if (found) others.push([name, found]);
    }
    return others;
  };
  return { request, cells, finished, missing };
};

/** Keys of kernels and trainings that a check in the plan computes: they are read afterwards. */
export const coveredByChecks = (cells: readonly PlannedCell[]): ReadonlySet<string> =>
  new Set(cells.flatMap(({ cell, known }) => (known ? [] : (cell.covers ?? []))));

/**
 * Refuses what can be refused of the cells that are to compute, before weights are read. Cells of one directory are refused once.
 *
 * @throws TaskRefusedError
 */
export const refuseCells = async (
  lens: EarlyLens,
  cells: readonly PlannedCell[],
  directory: string,
  options: TasksOptions,
): Promise<void> => {
  const reader = rememberingSamples(lens);
  const seen = new Set<string>();
  for (const { cell } of cells.filter(({ known }) => !known)) {
    throwIfCancelled(options.signal, 'Reading the samples');
    const place = `${cell.folder} ${cell.run.shots}`;
    if (seen.has(place)) continue;
    seen.add(place);
    await namingTask(`${cell.run.task}, ${cell.what}`, () =>
      cell.refuse(reader, { ...options, out: `${directory}/${cell.folder}` }),
    );
  }
};

/** The results of a part by the keys of its cells; undefined where one is not finished. */
const finishedResults = async (
  directory: string,
  cells: readonly ProtocolCell[],
  dataOf: (cell: ProtocolCell) => string,
): Promise<ReadonlyMap<string, unknown> | undefined> => {
  const found = new Map<string, unknown>();
  for (const cell of cells) {
    const known = await readCell(directory, cell, dataOf(cell));
    if (!known) return undefined;
    found.set(cell.key, known.result);
  }
  return found.size > 0 ? found : undefined;
};

/** Tasks one after the other, and shots within a task; cells that others read come first. */
const inOrder = <C extends { readonly cell: ProtocolCell }>(
  cells: readonly C[],
  tasks: readonly TaskOfPart[],
): readonly C[] => {
  const place = ({ cell: { run, order } }: C): readonly number[] => [
    ...[tasks.findIndex((task) => task.run.task === run.task), run.shots[0]!, order],
    run.seeds.length > 1 ? -1 : run.seeds[0]!,
  ];
  return [...cells].sort((a, b) => {
    const [left, right] = [place(a), place(b)];
    return left.map((value, i) => value - right[i]!).find((difference) => difference !== 0) ?? 0;
  });
};

const nameOf = ({ task, shots, seeds }: RunConfig): string => `${task} ${shots[0]} ${seeds[0]}`;

const hashOfSample = async (lens: EarlyLens, run: RunConfig): Promise<string> => {
  const sample = { shots: run.shots[0]!, seed: run.seeds[0]! };
  const { sets } = await lens.prompt(run.task, { ...taskOptions(run), ...sample });
  return sha256().update(JSON.stringify(sets)).hex();
};
