import type { Table } from '@ntk-lens/report';
import type { Enqueued } from './enqueue.js';

/** Units that were put into a queue. */
export const enqueuedTable = ({ directory, done, left, notes }: Enqueued): Table => ({
  title: 'Units in the queue',
  columns: [
    { header: 'state', align: 'left' },
    { header: 'units', align: 'right' },
  ],
  rows: [{ cells: ['finished', done.length] }, { cells: ['in the queue', left.length] }],
  notes: [
    ...notes,
    ...(left.length > 0 ? [`next, on every machine: ntk-lens worker --units ${directory} --redis …`] : []),
    `at the end: ntk-lens worker --units ${directory} --assemble`,
  ],
});
