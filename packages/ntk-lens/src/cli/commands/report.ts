import { only } from '../../options/declare.js';
import { machine } from '../../options/machine.js';
import { report } from '../../options/output.js';
import { command } from '../command.js';

export const reportCommand = command({
  name: 'report',
  args: ['<dir...>', 'directories that a command wrote, or that hold kernels'],
  docs: 'docs/report.md',
  summary: 'writes a page that shows results',
  description:
    'Writes report.html into each directory. The page shows results, heat maps of kernels with their sentences, spectra, examples, trajectories and verdicts, and how they were computed. It is one file that needs no network. The command needs no model.',
  options: [only(machine, 'memory'), report],
  run: async ({ args, run, around }) => {
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const { memory } = await resolveConfig(run, undefined, around);
    const { reportDirectory } = await import('../../present/report/report-directory.js');
    const { shownPath } = await import('../../present/shown-path.js');
    const reports: string[] = [];
    for (const path of args) reports.push(await reportDirectory(path, memory));
    return {
      result: reports.map((path) => ({ report: path })),
      shown: () => reports.map((path) => `${shownPath(path)}\n`).join(''),
      reports,
    };
  },
});
