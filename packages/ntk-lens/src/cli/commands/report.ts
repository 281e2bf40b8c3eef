import { only } from '../../options/declare.js';
import { machine } from '../../options/machine.js';
import { report } from '../../options/output.js';
import { command } from '../command.js';

export const reportCommand = command({
  name: 'report',
  args: ['<dir...>', 'directories that a command wrote, or with kernels'],
  docs: 'docs/report.md',
  summary: 'writes a page of results that people look at',
  description:
    'Writes report.html into each directory: results, heat maps of kernels with their sentences, spectra, examples, trajectories, verdicts and where all of it is from. It is one file that needs no network. Needs no model.',
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
