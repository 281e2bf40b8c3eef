import { command } from '../command.js';

export const statusCommand = command({
  name: 'status',
  args: ['<dir>', 'directory that --plan-units or --workers left'],
  docs: 'docs/scale.md',
  summary: 'says which units of a directory are done, running, failed or left',
  description:
    'Looks at the files of a directory in which several processes work. Opens no model, and trusts no clock: a unit is done when its files are there, and running when a process began it and is not known to be gone.',
  run: async ({ args }) => {
    const { resolve } = await import('node:path');
    const { unitsStatus } = await import('../../units/status.js');
    const { statusTable } = await import('../../units/tables.js');
    const status = await unitsStatus(resolve(args[0]!));
    return { result: status, shown: [statusTable(status)] };
  },
});
