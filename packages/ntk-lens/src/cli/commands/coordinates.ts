import { join } from 'node:path';
import { coordinatesScheme, machine, report, schemeGroups } from '../../options/all.js';
import { group, only, option } from '../../options/declare.js';
import { text } from '../../options/kinds.js';
import { command } from '../command.js';

export const coordinatesCommand = command({
  name: 'coordinates',
  docs: 'docs/widths.md',
  summary: 'checks whether the coordinates of a parametrization keep their size at every width',
  description:
    'Takes a few steps of pre-training at several widths and fits how the sizes of activations, attention scores and logits, and of their changes, scale with width. A parametrization passes when none grows and none vanishes; the exit code is 1 when it fails.',
  options: [
    ...schemeGroups([32, 64, 128, 256], [0, 1, 2], coordinatesScheme),
    only(machine, 'runtime', 'threads'),
    group('command', 'Files', {
      out: option(
        '-o, --out <dir>',
        text,
        'writes report.html, coordinates.svg, table.md and findings.json there',
      ),
    }),
    report,
  ],
  run: async ({ run, scheme: given, flags: { widths, seeds, out }, around, long }) => {
    const { checkCoordinates, defaultScheme } = await import('@ntk-lens/tensor-programs');
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const { shareRuntime } = await import('@ntk-lens/lens');
    const { coordinateTable } = await import('../../present/widths/coordinate-table.js');
    const { coordinateFigure } = await import('../../present/widths/coordinate-figure.js');
    const { renderTable } = await import('../../present/render-table.js');
    const { writeWhole } = await import('@ntk-lens/core');
    const { writeJson } = await import('@ntk-lens/core');
    const { FailedCheckError } = await import('../../run/widths/errors.js');
    const scheme = { ...defaultScheme, ...coordinatesScheme, steps: defaultScheme.steps, ...given };
    const { steps = coordinatesScheme.steps } = given;
    const check = await shareRuntime(await resolveConfig(run, undefined, around)).use((runtime) =>
      checkCoordinates({ ...long, runtime, scheme, steps, widths, seeds }),
    );
    const table = coordinateTable(scheme, check);
    const reports: string[] = [];
    if (out !== undefined) {
      await writeWhole(join(out, 'coordinates.svg'), coordinateFigure(scheme, check));
      await writeWhole(join(out, 'table.md'), renderTable(table, 'md'));
      await writeJson(join(out, 'findings.json'), { scheme, ...check });
      const { leaveDirectoryReport } = await import('../../present/report/leave-report.js');
      reports.push(await leaveDirectoryReport(out));
    }
    const [all] = check.findings;
    const failed = all!.verdict === 'fails';
    return {
      result: { scheme, ...check },
      shown: [table],
      ...{ directory: out, reports },
      failure: failed ? new FailedCheckError(scheme.parametrization, all!.note ?? '') : undefined,
    };
  },
});
