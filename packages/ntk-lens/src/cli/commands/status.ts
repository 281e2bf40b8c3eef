import { command } from '../command.js';

export const statusCommand = command({
  name: 'status',
  args: ['<dir>', 'directory that --plan-units or --workers left'],
  docs: 'docs/scale.md',
  summary: 'says which units of a directory are done, running, failed or left',
  description:
    'Reads the files of a directory in which several processes work. It opens no model and trusts no clock: a unit is done when its files are there, and running when a process has started it and is not known to have ended. If the work was submitted to SLURM, it also shows the state of the jobs.',
  run: async ({ args }) => {
    const { resolve } = await import('node:path');
    const { unitsStatus } = await import('../../units/status.js');
    const { statusTable } = await import('../../units/tables.js');
    const { slurmStatus } = await import('../../units/slurm/status.js');
    const { jobsTable } = await import('../../units/slurm/tables.js');
    const directory = resolve(args[0]!);
    const status = await unitsStatus(directory);
    const slurm = await slurmStatus(directory);
    return {
      result: { ...status, ...(slurm && { slurm }) },
      shown: [statusTable(status), slurm && jobsTable(slurm)],
    };
  },
});
