import { join } from 'node:path';
import { ConflictingOptionsError, readSealedJson } from '@ntk-lens/core';
import type { KernelParts } from '@ntk-lens/kernels';
import { formulaOf } from '@ntk-lens/kernels/formulas';
import { type BlockLevel, type Lens, type LevelParts, named } from '@ntk-lens/lens';
import { blockIndexName, hasKernels, RunDirectory, tilesName } from '@ntk-lens/lens/stored';
import type { RunConfig } from '../options/run-config.js';
import {
  type CellWork,
  type Forecaster,
  forecaster,
  passesOf,
  unlessUnplanned,
  workTimes,
  workTogether,
} from '../reproduce/cells/cell-work.js';
import type { Cell } from '../run/cells.js';
import { inDirectory } from '../run/in-directory.js';
import { withExperiment } from '../run/prepare-experiment.js';
import type { DirectoryOptions } from '../run/run-directory.js';
import { experimentDirectory, refuseExperiment, runExperiment } from '../run/run-experiment.js';
import { cellIdentity, experimentIdentity } from '../run/run-identity.js';
import { claimsIn } from './claims.js';
import { countsOf } from './counts-of.js';
import { WorkerKindError } from './errors.js';
import { kindDifferences, kindOf, runtimeOf } from './kind.js';
import type { Unit } from './manifest.js';
import { recordMixed, refuseMixed } from './mixed.js';
import { type PlannedUnits, writePlan } from './plan-units.js';
import type { PlacedUnits, UnitCommand, UnitWork } from './unit-work.js';

/** Folder of a kernel in the directory of its run. */
const folderOf = ({ name }: Cell, cells: readonly Cell[]): string => (cells.length === 1 ? '.' : name);

/**
 * Plans the kernels of a run for several processes: makes its directory and writes `units.json`. Nothing is computed.
 *
 * @param solve false for `ntk-lens kernel`
 * @throws what `runExperiment` throws before any work; OtherUnitsError
 */
export const planExperiment = (
  config: RunConfig,
  options: DirectoryOptions & { readonly workers: number; readonly solve: boolean },
): Promise<PlannedUnits> => {
  const { force = false, solve, workers, signal, onProgress } = options;
  if (config.matrixFree)
    throw new ConflictingOptionsError(
      '`matrixFree` computes no kernel, so there are no parts that several processes could share.',
      'Leave one of them out.',
    );
  const pathOf = (lens: Pick<Lens, 'name'>, cells: readonly Cell[]) =>
    experimentDirectory({ ...config, task: cells[0]!.task.spec.name }, lens.name, options);
  return withExperiment(
    config,
    options,
    (lens, cells) => refuseExperiment(config, options, lens, cells, pathOf(lens, cells)),
    async (lens, cells) => {
      const directory = pathOf(lens, cells);
      return inDirectory(directory, options, async () => {
        const hash = await lens.model.hash();
        const { name: runtime } = lens.runtime;
        if (cells.length > 1)
          await RunDirectory.open(directory, experimentIdentity(config, cells[0]!, hash, solve), force);
        const units: Unit[] = [];
        const probes: Record<string, number[]> = {};
        const counter = forecaster(lens);
        for (const cell of cells) {
          const folder = folderOf(cell, cells);
          const path = join(directory, folder);
          await RunDirectory.open(
            path,
            cellIdentity(config, cell, { modelHash: hash, runtime }, solve),
            force,
          );
          const { task, choice } = cell;
          const unit = { folder, data: task.hash };
          if (!task.prompt) {
            // Its head is fitted before, which takes a whole process.
            units.push({ name: cell.name, ...unit, ...countsOf(await probedWork(counter, cell)) });
            continue;
          }
          const { levels, probe } = await lens.planParts(task, {
            ...{ ...choice, directory: path, parts: Math.ceil(workers / cells.length) },
            ...{ signal, onProgress },
          });
          probes[folder] = [...probe];
          for (const level of levels)
            units.push(
              ...partsOf(level).map((part) => ({ name: `${cell.name} ${part.name}`, ...unit, ...part.own })),
            );
        }
        const kind = kindOf((await lens.runtime.open()).info);
        return writePlan(directory, {
          ...{ command: solve ? 'run' : 'kernel', config, kind, workers, units, probes },
          model: { name: lens.name, hash },
        });
      });
    },
  );
};

/** The work of a kernel without a prompt: that of every level, and the forward passes by which its head is fitted. */
const probedWork = (
  counter: Forecaster,
  { task, choice: { blocks, ...choice } }: Cell,
): Promise<CellWork | undefined> =>
  unlessUnplanned(async () => {
    const kernel = await counter.kernelWork(task, choice);
    const levels = blocks !== undefined && formulaOf(choice.formula ?? 'sgd').finish ? 2 : 1;
    return workTogether([workTimes(kernel, levels), passesOf(kernel, task.examples.train.length)]);
  });

/** Units of the parts of one level. */
const partsOf = ({ level, tiles, plan }: LevelParts) =>
  tiles.map((own, number) => ({
    name: `${level}-${number}`,
    own: {
      part: { level, number, tiles: [...own] },
      ...plan?.parts[number],
      ...{ onceFlops: plan?.onceFlops, statesBytes: plan?.states?.bytes },
      peakBytes: plan && plan.peakBytes + plan.kept.bytes,
    },
  }));

/** Kernels of `ntk-lens kernel` and `run`. */
export const experimentUnits: UnitCommand = {
  assemble: async ({ directory, units: { command, kind }, config }, lens, { signal, onProgress }) => {
    const own = { out: directory, solve: command === 'run', computedBy: runtimeOf(kind) };
    const result = await runExperiment(config, { ...own, lens, signal, onProgress });
    return { command: command === 'run' ? 'run' : 'kernel', result };
  },
  looksDone: async (directory, { folder, part }) => {
    const path = join(directory, folder);
    if (await isFinished(path, part?.level)) return true;
    for (const tile of part?.tiles ?? [])
      if (!(await readSealedJson(join(path, tilesName, `${tile}.json`)))?.whole) return false;
    return part !== undefined;
  },
  withWork: ({ directory, units, config, mixed }, options, use) => {
    let cellsByFolder = new Map<string, Cell>();
    return withExperiment(
      config,
      options,
      async (_, cells) => {
        cellsByFolder = new Map(cells.map((cell) => [folderOf(cell, cells), cell]));
        for (const { folder, data, name } of units.units) {
          const found = cellsByFolder.get(folder)?.task.hash;
          if (found !== data)
            throw new WorkerKindError([`data of ${name}: found ${found}, expected ${data}`], false);
        }
      },
      async (lens) => {
        const whole = units.units.find(({ part }) => part === undefined);
        if (mixed && whole) refuseMixed(whole.name);
        const opened = kernelUnits({ directory, units, config, mixed }, lens, cellsByFolder);
        try {
          return await use(opened, lens);
        } finally {
          await opened.close();
        }
      },
    );
  },
};

/** True for a kernel that was put together, with its parts where a level of them is asked for. */
const isFinished = async (path: string, level: 'sum' | BlockLevel | undefined): Promise<boolean> => {
  const stored = await RunDirectory.read(path);
  if (!stored || !hasKernels(stored) || stored.manifest.environment === undefined) return false;
  return level === undefined || level === 'sum' || stored.has(blockIndexName(level));
};

/** Kernels by parts, of which those of one kernel are open, and whole ones. */
const kernelUnits = (
  { directory, units, mixed }: PlacedUnits,
  lens: Lens,
  cells: ReadonlyMap<string, Cell>,
): UnitWork & { readonly close: () => Promise<void> } => {
  const deviations = new Map<string, number>();
  let open: { readonly key: string; readonly parts: KernelParts } | undefined;
  const close = async (): Promise<void> => {
    const { parts } = open ?? {};
    open = undefined;
    await parts?.close();
  };
  const partsOf = async (folder: string, { level }: NonNullable<Unit['part']>): Promise<KernelParts> => {
    const key = `${folder} ${level}`;
    if (open?.key !== key) {
      await close();
      const { task, choice } = cells.get(folder)!;
      const path = join(directory, folder);
      const tolerated = mixed && {
        ...{ probe: units.probes?.[folder] ?? [], tolerance: units.tolerance },
        onDeviation: (found: number) => deviations.set(key, found),
      };
      const own = {
        directory: path,
        level,
        computedBy: runtimeOf(units.kind),
        mixed: tolerated || undefined,
        claims: claimsIn(
          directory,
          units.units.findIndex((unit) => unit.folder === folder),
        ),
      };
      open = { key, parts: await lens.openParts(task, { ...choice, ...own }) };
    }
    return open.parts;
  };
  return {
    close,
    isDone: async ({ folder, part }) => {
      const finished = await isFinished(join(directory, folder), cells.get(folder)!.choice.blocks);
      if (finished || !part) return finished;
      return (await partsOf(folder, part)).isDone(part.number);
    },
    compute: async ({ folder, name, part }, long) => {
      if (part) {
        await (await partsOf(folder, part)).compute(part.number, named(name, long));
        const deviation = deviations.get(`${folder} ${part.level}`);
        const { info } = await lens.runtime.open();
        // A worker that is allowed to be of another kind may be of the planned one.
        if (deviation !== undefined && kindDifferences(kindOf(info), units.kind).length > 0)
          await recordMixed(directory, name, kindOf(info), deviation);
        return;
      }
      const { task, choice } = cells.get(folder)!;
      await close();
      await lens.kernel(task, { ...choice, directory: join(directory, folder), ...named(name, long) });
    },
  };
};
