import { join } from 'node:path';
import { readIfThere, readSealedJson, removeUnfinished, sha256, writeJson } from '@ntk-lens/core';
import type { LensTask } from '@ntk-lens/lens';
import { type RunConfig, withoutSources } from '../options/run-config.js';
import { forecaster } from '../reproduce/cells/cell-work.js';
import { checkedWork } from '../reproduce/cells/check-work.js';
import {
  checkDirectory,
  checkExperiment,
  kernelOf,
  openCheck,
  refuseSettings,
} from '../run/check/check-experiment.js';
import { keepKernel, keepTuning } from '../run/check/keep-parts.js';
import type { CheckConfig } from '../run/check/resolve-check.js';
import { gridsOf } from '../run/grids.js';
import { inDirectory } from '../run/in-directory.js';
import type { DirectoryOptions } from '../run/run-directory.js';
import { withLens } from '../run/with-lens.js';
import { checkSettingsOf } from './check-settings-of.js';
import { countsOf } from './counts-of.js';
import { WorkerKindError } from './errors.js';
import { kindOf } from './kind.js';
import type { Unit, Units } from './manifest.js';
import { isMarkedDone, markDone } from './marks.js';
import { refuseMixed } from './mixed.js';
import { type PlannedUnits, writePlan } from './plan-units.js';
import type { UnitCommand } from './unit-work.js';

/** Folder of a sample in the directory of a check. */
const folderOf = ({ shots, seed }: LensTask): string => `${shots}-${seed}`;

/**
 * Plans a check for several processes: writes `units.json` into its directory. A unit is all that is measured on one sample, with
 * the trainings and kernels of it.
 *
 * @throws what `checkExperiment` throws before it computes; OtherUnitsError
 */
export const planCheck = (
  config: CheckConfig,
  options: DirectoryOptions & { readonly workers: number },
): Promise<PlannedUnits> => {
  refuseSettings(config);
  const { run, check } = config;
  return withLens(
    run,
    options,
    (early) => openCheck(early, config, options),
    async (lens, tasks) => {
      const named = { ...config, run: { ...run, task: tasks[0]!.spec.name } };
      const directory = checkDirectory(named, lens.name, options);
      return inDirectory(directory, options, async () => {
        await removeUnfinished(directory);
        await writeJson(join(directory, 'config.json'), { ...config, run: withoutSources(run) });
        const counter = forecaster(lens);
        const units: Unit[] = [];
        for (const task of tasks) {
          const folder = folderOf(task);
          const work = await checkedWork(counter, task, run, check);
          units.push({ name: folder, folder, data: task.hash, ...countsOf(work) });
        }
        const model = { name: lens.name, hash: await lens.model.hash() };
        const kind = kindOf((await lens.runtime.open()).info);
        return writePlan(directory, {
          ...{ command: 'check', config: run, check, kind, model, units, workers: options.workers },
        });
      });
    },
  );
};

/** Everything that the measurements of a unit depend on. */
const workOf = ({ config, check, model }: Units, { data }: Unit): string =>
  sha256()
    .update(JSON.stringify([config, check, model.hash, data]))
    .hex();

const configOf = (units: Units, run: RunConfig): CheckConfig => ({ run, check: checkSettingsOf(units) });

const looksDone = async (directory: string, { folder }: Unit): Promise<boolean> =>
  (await readIfThere(join(directory, 'findings.json'))) !== undefined &&
  (await readSealedJson(join(directory, folder, 'measured-chi.json')))?.whole === true;

/** Samples of `ntk-lens check`. */
export const checkUnits: UnitCommand = {
  assemble: async ({ directory, units, config }, lens, { signal, onProgress }) => ({
    command: 'check',
    result: await checkExperiment(configOf(units, config), { out: directory, lens, signal, onProgress }),
  }),
  looksDone: async (directory, unit) =>
    (await isMarkedDone(directory, unit.name)) !== undefined || looksDone(directory, unit),
  withWork: ({ directory, units, config, mixed }, options, use) => {
    if (mixed) refuseMixed(units.units[0]!.name);
    const own = configOf(units, config);
    return withLens(
      config,
      options,
      async (early) => {
        const tasks = new Map((await openCheck(early, own, options)).map((task) => [folderOf(task), task]));
        for (const { name, folder, data } of units.units) {
          const found = tasks.get(folder)?.hash;
          if (found !== data)
            throw new WorkerKindError([`data of ${name}: found ${found}, expected ${data}`], false);
        }
        return tasks;
      },
      (lens, tasks) =>
        use(
          {
            isDone: async (unit) =>
              (await isMarkedDone(directory, unit.name)) === workOf(units, unit) ||
              looksDone(directory, unit),
            compute: async (unit, long) => {
              await lens.check(tasks.get(unit.folder)!, {
                ...{ ...own.check, directory, shared: true, ...long },
                ...{ kernel: kernelOf(config), solve: gridsOf(config) },
                onKernel: (kernel) => keepKernel(lens, own, kernel),
                onTuned: (tuned) => keepTuning(lens, own, tuned),
              });
              await markDone(directory, unit.name, workOf(units, unit));
            },
          },
          lens,
        ),
    );
  },
};
