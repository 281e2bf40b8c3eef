import { basename, join, resolve } from 'node:path';
import { type ExperimentFlags, givenOptions } from '../../options/experiment-options.js';
import type { TableFlags } from '../../options/table-options.js';
import { shownPath } from '../../present/shown-path.js';
import type { GlobalFlags } from '../command-module.js';
import { type CliContext, useColor } from '../context.js';
import { withProgress } from '../with-progress.js';
import type { CheckFlags } from './check-options.js';

export type LadderFlags = Omit<ExperimentFlags, 'batch' | 'space'> & CheckFlags & TableFlags & GlobalFlags;

/** `check --ladder DIR…`: exponents of width instead of verdicts on one model. */
export const runLadderCheck = async (
  context: CliContext,
  flags: LadderFlags,
  directories: readonly string[],
): Promise<void> => {
  const { resolveConfig } = await import('../../options/resolve-config.js');
  const { checkLadder } = await import('@ntk-lens/tensor-programs');
  const { ladderTask, languageData } = await import('../../run/widths/ladder-task.js');
  const { keepMeasurements } = await import('../../run/widths/keep-measurements.js');
  const { withRuntime } = await import('../../run/widths/with-runtime.js');
  const { ladderCheckTable } = await import('../../present/widths/ladder-check-table.js');
  const { ladderFigures } = await import('../../present/widths/ladder-figures.js');
  const { renderTable } = await import('../../present/render-table.js');
  const { writeWhole } = await import('@ntk-lens/core');
  const { writeJson } = await import('@ntk-lens/lens/stored');
  const { space: _, batch: __, ...rest } = flags;
  const resolved = await resolveConfig(givenOptions(rest), flags.config);
  const data =
    resolved.data ??
    languageData(
      resolved.task,
      directories.map((path) => resolve(path)),
    );
  const run = { ...resolved, ...(data !== undefined && { data }) };
  const [sgd, signgd] = [flags.sgdLr?.[0], flags.adamLr?.[0]];
  const directory =
    flags.out ?? join('runs', `check-ladder-${run.task}-${basename(resolve(directories[0]!))}`);
  const check = await withProgress(context, flags, (options) =>
    withRuntime(flags, (runtime, shared) =>
      checkLadder({
        ...options,
        runtime,
        directories,
        task: ladderTask(run, shared, options),
        keep: keepMeasurements(directory),
        steps: flags.steps ?? 1,
        learningRates: { ...(sgd !== undefined && { sgd }), ...(signgd !== undefined && { signgd }) },
      }),
    ),
  );
  const table = ladderCheckTable(run, check);
  for (const [name, figure] of Object.entries(ladderFigures(run.task, check)))
    await writeWhole(join(directory, name), figure);
  await writeWhole(join(directory, 'table.md'), renderTable(table, 'md'));
  await writeJson(join(directory, 'findings.json'), { config: run, ...check });
  const color = useColor(context.stdout, context.env);
  context.stdout.write(flags.json ? `${JSON.stringify(check)}\n` : renderTable(table, flags.table, color));
  context.stderr.write(`written to ${shownPath(directory)}\n`);
};
