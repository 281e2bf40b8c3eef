import { enqueuing } from '../../options/all.js';
import { command } from '../command.js';

export const enqueueCommand = command({
  name: 'enqueue',
  docs: 'docs/scale.md',
  summary: 'puts work that was planned for several processes into a queue on Redis',
  description:
    'Puts the units of a directory that are not finished into a queue, from which "ntk-lens worker --redis" takes them. A message in the queue holds the hash of units.json and the number of a unit. Results are files of the directory, or of the store. The command needs the package @ntk-lens/queue. It can be repeated, because units that are already in the queue stay there.',
  options: [enqueuing],
  examples: [
    ['ntk-lens enqueue --units shared --redis redis://host', 'adds the unfinished units of a directory'],
    ['ntk-lens enqueue … --redis rediss://me@host --follow', 'also waits until they are done'],
  ],
  run: async ({ flags, long, around, say }) => {
    const { units, ...own } = flags;
    const { resolve } = await import('node:path');
    const { REDIS_PASSWORD } = await import('../../options/queue.js');
    const { enqueue } = await import('../../units/queue/enqueue.js');
    const { enqueuedTable } = await import('../../units/queue/enqueued-table.js');
    const password = around.env[REDIS_PASSWORD];
    const enqueued = await enqueue(resolve(units), { ...long, ...own, password, say });
    return { result: enqueued, shown: [enqueuedTable(enqueued)] };
  },
});
