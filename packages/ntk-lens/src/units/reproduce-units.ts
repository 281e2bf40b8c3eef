import { join } from 'node:path';
import { readSealedJson, sha256 } from '@ntk-lens/core';
import { type EarlyLens, named } from '@ntk-lens/lens';
import { withoutSources } from '../options/run-config.js';
import { cellFile, readCell, writeCell } from '../reproduce/cells/cell-record.js';
import { type CellWork, workTimes, workTogether } from '../reproduce/cells/cell-work.js';
import type { ReproduceConfig } from '../reproduce/config.js';
import { type CellCounter, countingCells } from '../reproduce/count-cells.js';
import { type PlannedCell, planReproduction } from '../reproduce/plan.js';
import { type ReproduceOptions, reproduce, reproductionDirectory } from '../reproduce/reproduce.js';
import { checkRoot, writeRoot } from '../reproduce/root-record.js';
import { inDirectory } from '../run/in-directory.js';
import { withLens } from '../run/with-lens.js';
import { checkSettingsOf } from './check-settings-of.js';
import { countsOf } from './counts-of.js';
import { WorkerKindError } from './errors.js';
import { kindOf } from './kind.js';
import type { Unit } from './manifest.js';
import { refuseMixed } from './mixed.js';
import { type PlannedUnits, writePlan } from './plan-units.js';
import type { PlacedUnits, UnitCommand } from './unit-work.js';

/**
 * Plans a reproduction for several processes: writes its record and `units.json`. A unit has the cells that share directories,
 * such as a check with the kernels and trainings that it reads, so that no two units depend on each other.
 *
 * @throws what `reproduce` throws before it computes; OtherUnitsError
 */
export const planReproduce = (
  config: ReproduceConfig,
  options: ReproduceOptions & { readonly workers: number },
): Promise<PlannedUnits> => {
  const prepare = async (early: EarlyLens) => {
    const directory = reproductionDirectory(early.name, options);
    if (!options.force) await checkRoot(directory, early);
    const plan = await planReproduction(early, config, directory, options);
    return { directory, plan };
  };
  return withLens(config.run, options, prepare, (lens, { directory, plan }) =>
    inDirectory(directory, options, async () => {
      const model = { name: lens.name, hash: await lens.model.hash() };
      if (!options.force) await checkRoot(directory, model);
      const { run, check, parts, optimizers, spaces } = config;
      await writeRoot(directory, model, { run: withoutSources(run), check, optimizers, spaces, parts });
      const workOf = countingCells(lens);
      const units: Unit[] = [];
      for (const group of groupsOf(plan.cells))
        units.push({
          name: group[0]!.cell.key,
          folder: group[0]!.cell.folder,
          data: dataOf(group),
          cells: group.map(({ cell }) => cell.key),
          ...countsOf(await workOfGroup(group, workOf)),
        });
      const kind = kindOf((await lens.runtime.open()).info);
      return writePlan(directory, {
        ...{ command: 'reproduce', config: run, check, kind, model, units, workers: options.workers },
        reproduction: { parts: [...parts], optimizers: [...optimizers], spaces: [...spaces] },
      });
    }),
  );
};

/** Cells that share directories, in groups; the groups, and the cells of each, are in the order in which they are computed. */
const groupsOf = (cells: readonly PlannedCell[]): readonly (readonly PlannedCell[])[] => {
  let groups: { readonly folders: ReadonlySet<string>; readonly cells: readonly PlannedCell[] }[] = [];
  for (const planned of cells) {
    const { folder, covers = [], reads = [] } = planned.cell;
    const folders = new Set([folder, ...covers, ...reads]);
    const joined = groups.filter((group) => [...folders].some((one) => group.folders.has(one)));
    const whole = {
      folders: new Set([...joined.flatMap((group) => [...group.folders]), ...folders]),
      cells: [...joined.flatMap((group) => group.cells), planned],
    };
    const place = joined[0] ? groups.indexOf(joined[0]) : groups.length;
    groups = groups.map((group, i) => (i === place ? whole : group));
    if (joined.length === 0) groups.push(whole);
    groups = groups.filter((group) => group === whole || !joined.includes(group));
  }
  const order = (planned: PlannedCell): number => cells.indexOf(planned);
  return groups.map((group) => [...group.cells].sort((a, b) => order(a) - order(b)));
};

/**
 * The work of cells that share directories, those that are finished included: a check computes what it covers, and other cells of
 * its samples read that.
 */
const workOfGroup = async (
  group: readonly PlannedCell[],
  workOf: CellCounter,
): Promise<CellWork | undefined> => {
  const covered = new Set(group.flatMap(({ cell }) => cell.covers ?? []));
  const pieces: CellWork[] = [];
  for (const { cell } of group) {
    if (covered.has(cell.key)) continue;
    const work = await workOf(cell);
    if (!work) return undefined;
    pieces.push(workTimes(work, cell.run.seeds.length));
  }
  return workTogether(pieces);
};

const dataOf = (group: readonly PlannedCell[]): string =>
  sha256()
    .update(JSON.stringify(group.map(({ data }) => data)))
    .hex();

const configOf = ({ units, config }: PlacedUnits): ReproduceConfig => {
  const { parts, optimizers, spaces } = units.reproduction!;
  return { run: config, check: checkSettingsOf(units), optimizers, spaces, parts };
};

/** Groups of cells of `ntk-lens reproduce`. */
export const reproduceUnits: UnitCommand = {
  assemble: async (placed, lens, { signal, onProgress }) => ({
    command: 'reproduce',
    result: await reproduce(configOf(placed), {
      ...{ out: placed.directory, lens, skipMissing: true, signal, onProgress },
    }),
  }),
  looksDone: async (directory, { cells = [] }) => {
    for (const key of cells) if (!(await readSealedJson(cellFile(directory, key)))?.whole) return false;
    return true;
  },
  withWork: (placed, options, use) => {
    const { directory, units, config, mixed } = placed;
    if (mixed) refuseMixed(units.units[0]!.name);
    const prepare = async (early: EarlyLens) => {
      const plan = await planReproduction(early, configOf(placed), directory, {
        ...options,
        skipMissing: true,
      });
      const groups = new Map<string, readonly PlannedCell[]>();
      for (const { name, cells = [], data } of units.units) {
        const group = plan.cells.filter(({ cell }) => cells.includes(cell.key));
        const found = dataOf(group);
        if (found !== data)
          throw new WorkerKindError([`data of ${name}: found ${found}, expected ${data}`], false);
        groups.set(name, group);
      }
      return groups;
    };
    return withLens(config, options, prepare, (lens, groups) =>
      use(
        {
          isDone: async ({ name }) => {
            for (const { cell, data } of groups.get(name)!)
              if (!(await readCell(directory, cell, data))) return false;
            return true;
          },
          compute: async ({ name }, long) => {
            for (const { cell, data } of groups.get(name)!) {
              if (await readCell(directory, cell, data)) continue;
              const own = { ...named(name, long), lens, out: join(directory, cell.folder) };
              await writeCell(directory, cell, data, await cell.compute(own));
            }
          },
        },
        lens,
      ),
    );
  },
};
