import { join } from 'node:path';
import { files, machine, outOption, pretrainingScheme, report, schemeGroups } from '../../options/all.js';
import { group, only } from '../../options/declare.js';
import { command } from '../command.js';

export const pretrainCommand = command({
  name: 'pretrain',
  docs: 'docs/widths.md',
  summary: 'trains small masked language models of one scheme at several widths',
  description:
    'Trains masked language models of a generated language at every width and seed: a ladder for "ntk-lens check --ladder". Each is a model directory that every command and transformers load; language/ has the tasks "sentiment" and "topic" as CSV files. Finished models in the directory are kept, an interrupted training goes on when it is started again, and the same runtime and threads give the same bytes.',
  options: [
    ...schemeGroups([32, 64, 128, 256], [0, 1], pretrainingScheme),
    only(machine, 'runtime', 'threads'),
    group('command', 'Files', {
      out: outOption('runs/ladder-<parametrization>-<optimizer>'),
      verify: files.fields.verify,
    }),
    report,
  ],
  run: async ({ run, scheme: given, flags: { widths, seeds, out, verify }, around, long }) => {
    const { defaultScheme, pretrainLadder } = await import('@ntk-lens/tensor-programs');
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const { runsFolder } = await import('../../options/layers.js');
    const { inDirectory } = await import('../../run/in-directory.js');
    const { shareRuntime } = await import('@ntk-lens/lens');
    const { ladderTable } = await import('../../present/widths/pretrained-table.js');
    const { leaveDirectoryReport } = await import('../../present/report/leave-report.js');
    const scheme = { ...defaultScheme, ...given };
    const name = `ladder-${scheme.parametrization}-${scheme.optimizer}`;
    const directory = out ?? join(await runsFolder(around), 'runs', name);
    const shared = shareRuntime(await resolveConfig(run, undefined, around));
    return inDirectory(directory, { verify }, async () => {
      const manifest = await shared.use((runtime) =>
        pretrainLadder({ ...long, runtime, scheme, directory, widths, seeds }),
      );
      const reports = [await leaveDirectoryReport(directory)];
      return { result: manifest, shown: [ladderTable(manifest)], directory, reports };
    });
  },
});
