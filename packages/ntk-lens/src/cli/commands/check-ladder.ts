import { basename, join, resolve } from 'node:path';
import type { Call, Outcome } from '../command.js';

/** `check --ladder DIR…`: exponents of width instead of verdicts on one model. */
export const runLadderCheck = async (
  { run: given, check: { steps = 1, sgdRates, adamRates }, around, long }: Call<unknown>,
  directories: readonly string[],
  {
    config: file,
    out,
    verify,
  }: { readonly config?: string; readonly out?: string; readonly verify?: boolean },
): Promise<Outcome> => {
  const { resolveConfig } = await import('../../options/resolve-config.js');
  const { runsFolder } = await import('../../options/layers.js');
  const { checkLadder } = await import('@ntk-lens/tensor-programs');
  const { ladderTask, onLadder } = await import('../../run/widths/ladder-task.js');
  const { keepMeasurements } = await import('../../run/widths/keep-measurements.js');
  const { shareRuntime } = await import('@ntk-lens/lens');
  const { ladderCheckTable } = await import('../../present/widths/ladder-check-table.js');
  const { ladderFigures } = await import('../../present/widths/ladder-figures.js');
  const { ladderPage } = await import('../../present/report/widths-page.js');
  const { writeReport } = await import('../../present/report/write-report.js');
  const { renderTable } = await import('../../present/render-table.js');
  const { writeWhole } = await import('@ntk-lens/core');
  const { writeJson } = await import('@ntk-lens/core');
  const { verifyDirectory } = await import('@ntk-lens/lens/stored');
  const { inDirectory } = await import('../../run/in-directory.js');
  const resolved = await resolveConfig(given, file, around);
  const whole = directories.map((path) => resolve(path));
  const run = onLadder(resolved, whole);
  const directory =
    out ?? join(await runsFolder(around), 'runs', `check-ladder-${run.task}-${basename(whole[0]!)}`);
  const shared = shareRuntime(run);
  return inDirectory(directory, { verify }, async () => {
    if (verify) for (const path of whole) await verifyDirectory(path);
    const check = await shared.use((runtime) =>
      checkLadder({
        ...long,
        runtime,
        directories,
        task: ladderTask(run, shared, long),
        keep: keepMeasurements(directory),
        steps,
        learningRates: { sgd: sgdRates?.[0], signgd: adamRates?.[0] },
      }),
    );
    const table = ladderCheckTable(run, check);
    for (const [name, figure] of Object.entries(ladderFigures(run.task, check)))
      await writeWhole(join(directory, name), figure);
    await writeWhole(join(directory, 'table.md'), renderTable(table, 'md'));
    const stored = { config: run, ...check };
    await writeJson(join(directory, 'findings.json'), stored);
    const reports = [await writeReport(directory, await ladderPage({ format: 'ladder', ...stored }))];
    return { result: check, shown: [table], directory, reports };
  });
};
