import type { Table } from '@ntk-lens/report';
import type { PlannedUnits } from './plan-units.js';
import type { Worked } from './run-worker.js';
import { type SharedWork, workOf } from './share.js';
import type { UnitsStatus } from './status.js';

const tera = (flops: number): string => `${(flops / 1e12).toPrecision(3)} TFLOP`;
const mebi = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** Notes on the share of the work that is useful, and on units that are not counted. */
const workNotes = (
  { flops, repeatedFlops, uncounted, statesBytes }: SharedWork,
  all: number,
): readonly string[] => [
  ...(flops > 0 ? [`${tera(flops)} in all, ${usefulText(flops, repeatedFlops)}`] : []),
  ...(statesBytes > 0
    ? [
        `states of training examples are computed once, and take ${mebi(statesBytes)} in the directory until the results are put together`,
      ]
    : []),
  ...(uncounted > 0
    ? [
        `the work of ${uncounted} of ${all} units is not counted: kernels of random subspaces, and those without a prompt`,
      ]
    : []),
];

const usefulText = (flops: number, repeated: number): string =>
  repeated === 0
    ? '100.0 % of it useful: units share nothing, and nothing is done again'
    : `${((100 * (flops - repeated)) / flops).toFixed(1)} % of it useful: ${tera(repeated)} are done again, because units do not share them`;

/** Planned units with their counted work. */
export const plannedTable = ({ directory, units: { units, kind, workers, given } }: PlannedUnits): Table => {
  return {
    title: `${units.length} unit${units.length === 1 ? '' : 's'} for ${workers} worker${workers === 1 ? '' : 's'}`,
    columns: [
      { header: 'unit' },
      { header: 'name', align: 'left' },
      { header: 'work', align: 'right' },
      { header: 'writes', align: 'right' },
      { header: 'memory', align: 'right' },
    ],
    rows: units.map(({ name, flops: own, bytes, peakBytes }, number) => ({
      cells: [
        ...[number, name, own === undefined ? null : tera(own)],
        bytes === undefined ? null : mebi(bytes),
        peakBytes === undefined ? null : mebi(peakBytes),
      ],
    })),
    notes: [
      ...workNotes(workOf(units, workers), units.length),
      `for workers of ${kind.program}: ${kind.runtime} ${kind.version}, ${kind.threads} thread${kind.threads === 1 ? '' : 's'}, ${kind.instructions}`,
      `ntk-lens worker --units ${directory} --index i/${workers}, for i from 0 to ${workers - 1}${given.length > 0 ? `, with ${given.map((name) => `\`${name}\``).join(' and ')} given again` : ''}; then the same with --assemble`,
    ],
  };
};

/** The result of a worker. */
export const workedTable = ({ computed, known, elsewhere }: Worked): Table => ({
  title: 'Units of this worker',
  columns: [
    { header: 'unit', align: 'left' },
    { header: 'state', align: 'left' },
  ],
  rows: [
    ...computed.map((name) => ({ cells: [name, 'computed'] })),
    ...known.map((name) => ({ cells: [name, 'finished before'] })),
    ...elsewhere.map((name) => ({ cells: [name, 'another process computes it'] })),
  ],
});

/** The state of every unit. */
export const statusTable = ({ counts, units }: UnitsStatus): Table => ({
  title: `${counts.done} of ${units.length} units done, ${counts.running} running, ${counts.failed} failed, ${counts.left} left`,
  columns: [
    { header: 'unit' },
    { header: 'name', align: 'left' },
    { header: 'state', align: 'left' },
    { header: 'by', align: 'left' },
    { header: 'failures' },
    { header: 'error', align: 'left' },
  ],
  rows: units.map(({ name, state, by, failures, error }, number) => ({
    cells: [
      ...[number, name, state],
      by.length === 0 ? null : by.map(({ pid, host }) => `process ${pid} on ${host}`).join(', '),
      ...[failures, error ?? null],
    ],
  })),
  notes:
    counts.running > 0
      ? [
          'running: a process began the unit and is not known to be gone; on another host it may have been killed',
        ]
      : [],
});
