import { join, resolve } from 'node:path';
import { ConflictingOptionsError, throwIfCancelled } from '@ntk-lens/core';
import { type EarlyLens, named } from '@ntk-lens/lens';
import { type PartName, partNames } from '../options/reproduce.js';
import { withoutSources } from '../options/run-config.js';
import { reportName } from '../present/report/write-report.js';
import { inDirectory } from '../run/in-directory.js';
import type { TasksOptions } from '../run/several/over-tasks.js';
import { withLens } from '../run/with-lens.js';
import { writeCell } from './cells/cell-record.js';
import type { KernelResult } from './cells/kernel-cell.js';
import type { ProtocolCell } from './cells/protocol-cell.js';
import { countingTime } from './computing-time.js';
import type { ReproduceConfig } from './config.js';
import type { Told } from './parts/part.js';
import { planReproduction, refuseCells } from './plan.js';
import { rememberingSamples } from './remembering-samples.js';
import { checkRoot, writeRoot } from './root-record.js';
import { divergedCells, tellPart } from './tell-part.js';
import { writeTold } from './write-told.js';

export interface ReproduceOptions extends TasksOptions {
  /** Show what is finished, with the rest marked as not run, and compute nothing. Default false. */
  readonly finished?: boolean;
}

/** The result of `ntk-lens reproduce`. */
export interface Reproduction {
  readonly format: 'ntk-lens-reproduction';
  readonly version: 1;
  readonly directory: string;
  readonly model: { readonly name: string; readonly hash: string };
  /** Tasks whose data are not there. */
  readonly missing: Readonly<Record<string, string>>;
  readonly cells: { readonly computed: number; readonly known: number };
  /** Work without a result, since its training diverged at every point of its grid, with the reasons. */
  readonly diverged: readonly string[];
  /** Tables and figures of every part. */
  readonly parts: Readonly<Partial<Record<PartName, Told>>>;
  /** The page with all tables and figures. */
  readonly report: string;
  /** Wall-clock. */
  readonly seconds: number;
  /** Those of them in which kernels, their solutions, trainings and measurements were computed. */
  readonly computing: number;
}

/** The directory of a reproduction. */
export const reproductionDirectory = (model: string, { out, runs = '' }: ReproduceOptions): string =>
  out === undefined
    ? resolve(runs, 'runs', `reproduce-${model}`.replace(/[^\p{L}\p{N}_.+-]+/gu, '_'))
    : resolve(out);

/**
 * Computes the tables and figures of the paper's protocol on a model and data, in one directory. Kernels, trainings and checks
 * that several parts need are computed once, and those that an earlier call finished are read. An interrupted reproduction goes
 * on where it was; with `finished`, it is shown as far as it is. A training that diverges at every point of its grid leaves a dash
 * in the tables, and the rest goes on.
 *
 * @example
 * ```ts
 * const config = await resolveReproduce({ task: 'sentiment,topic', shots: [16] }, {}, { parts: ['tables'] });
 * const { parts } = await reproduce(config, { out: 'reproduction' });
 * parts.tables?.tables['tables']?.rows;
 * ```
 * @throws NtkLensError of kind `input` for bad input: UnknownTaskError, MissingTasksError, OtherReproductionError,
 * ConflictingOptionsError, OtherRunError for work with other settings; DirectoryInUseError, CancelledError
 */
export const reproduce = async (
  config: ReproduceConfig,
  options: ReproduceOptions = {},
): Promise<Reproduction> => {
  const start = performance.now();
  if (options.finished && options.force)
    throw new ConflictingOptionsError(
      '`finished` shows what is there, and `force` computes it anew.',
      'Give one of them.',
    );
  const prepare = async (early: EarlyLens) => {
    const directory = reproductionDirectory(early.name, options);
    if (!options.force) await checkRoot(directory, early);
    const plan = await planReproduction(early, config, directory, options);
    if (!options.finished) await refuseCells(early, plan.cells, directory, options);
    return { directory, plan };
  };
  return withLens(config.run, options, prepare, (lens, { directory, plan }) =>
    inDirectory(directory, options, async () => {
      const model = { name: lens.name, hash: await lens.model.hash() };
      if (!options.force) await checkRoot(directory, model);
      const { run, ...settings } = config;
      await writeRoot(directory, model, { run: withoutSources(run), ...settings });
      const { lens: session, seconds: computing } = countingTime(rememberingSamples(lens));
      const found = new Map<string, unknown>();
      const made = new Set<string>();
      for (const { cell, data, known } of plan.cells) {
        throwIfCancelled(options.signal, 'The reproduction');
        if (!known && options.finished) continue;
        // A kernel that a check of this call made is not made again.
        const force = options.force && !made.has(cell.key);
        const own = { ...options, ...named(titleOf(cell), options), lens: session, force, verify: false };
        const result = known
          ? known.result
          : await writeCell(
              directory,
              cell,
              data,
              await cell.compute({ ...own, out: join(directory, cell.folder) }),
            );
        found.set(cell.key, result);
        if (!known) for (const key of cell.covers ?? []) made.add(key);
      }
      const tell = (name: PartName, of: ReadonlyMap<string, unknown>) =>
        [name, tellPart(name, plan.request, of)] as const;
      const told = config.parts.map((name) => tell(name, found));
      // This comes after the work, so that a call that was interrupted writes the same parts as one that was not.
      const all = [...told, ...(await plan.finished()).map(([name, of]) => tell(name, of))];
      const shown = partNames.flatMap((name) => all.filter(([other]) => other === name));
      await writeTold(directory, shown);
      const kernels = plan.cells.flatMap(({ cell: { key, folder } }) =>
        isKernel(found.get(key)) ? [[folder, found.get(key) as KernelResult] as const] : [],
      );
      const { writePages } = await import('./pages.js');
      const { request, missing } = plan;
      await writePages({ directory, request, model, told: shown, kernels });
      const known = plan.cells.filter((one) => one.known).length;
      return {
        ...{ format: 'ntk-lens-reproduction', version: 1, directory, model, missing },
        cells: { computed: found.size - known, known },
        diverged: divergedCells(
          plan.cells.map(({ cell }) => cell),
          found,
        ),
        parts: Object.fromEntries(told),
        report: join(directory, reportName),
        seconds: (performance.now() - start) / 1000,
        computing: computing(),
      };
    }),
  );
};

/** True for the result of a kernel in a directory of its own. */
const isKernel = (result: unknown): boolean =>
  typeof result === 'object' && result !== null && 'formula' in result && 'scores' in result;

const titleOf = ({ run: { task, shots, seeds } }: ProtocolCell): string =>
  `${task} ${shots[0]}-${seeds.length > 1 ? 'all' : seeds[0]}`;
