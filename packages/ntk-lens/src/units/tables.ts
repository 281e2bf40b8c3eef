import type { Table } from '@ntk-lens/report';
import { sizeText, workText, workUnit } from '../present/work-text.js';
import type { Units } from './manifest.js';
import { givenFlags } from './places.js';
import type { PlannedUnits } from './plan-units.js';
import type { Worked } from './run-worker.js';
import { type SharedWork, workOf } from './share.js';
import type { UnitsStatus } from './status.js';

/** Notes on the share of the work that is useful, and on units that are not counted. */
const workNotes = (
  { flops, repeatedFlops, uncounted, statesBytes }: SharedWork,
  all: number,
): readonly string[] => [
  ...(flops > 0 ? [`the units compute ${workText(flops)} in all${usefulText(flops, repeatedFlops)}`] : []),
  ...(statesBytes > 0
    ? [
        `the factors of the training examples are computed once; their files take ${sizeText(statesBytes)} of the directory until the results are put together`,
      ]
    : []),
  ...(uncounted > 0
    ? [`the work of ${uncounted} of ${all} units is not counted: they compute kernels of random subspaces`]
    : []),
];

/** The note on work of workers that keep results in a store; none where nothing more is done again than with a common directory. */
export const apartNotes = (units: Units['units'], workers: number): readonly string[] => {
  const [shared, { flops, repeatedFlops }] = [workOf(units, workers), workOf(units, workers, true)];
  if (repeatedFlops === shared.repeatedFlops) return [];
  return [
    `${workers} workers with a store do ${workText(flops)}${usefulText(flops, repeatedFlops)}, because each computes the factors of training examples for itself`,
  ];
};

/** The useful part of the work, rounded down, so that only work without repetition is all useful. */
const usefulText = (flops: number, repeated: number): string =>
  repeated === 0
    ? ', and no unit repeats the work of another'
    : `: ${Math.floor((1000 * (flops - repeated)) / flops) / 10} % of it is useful, and ${workText(repeated)} repeats the work of other units`;

/** Planned units with their counted work. */
export const plannedTable = ({ directory, units: { units, kind, workers, given } }: PlannedUnits): Table => {
  const unit = workUnit(Math.max(...units.map(({ flops = 0 }) => flops)));
  const places = givenFlags(given)
    .map((flag) => ` ${flag} …`)
    .join('');
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
        ...[number, name, own === undefined ? null : workText(own, unit)],
        bytes === undefined ? null : sizeText(bytes),
        peakBytes === undefined ? null : sizeText(peakBytes),
      ],
    })),
    notes: [
      ...workNotes(workOf(units, workers), units.length),
      `planned for ${kind.program} with ${kind.runtime} ${kind.version}, ${kind.threads} thread${kind.threads === 1 ? '' : 's'} and the instructions ${kind.instructions}`,
      `next, for each i from 0 to ${workers - 1}: ntk-lens worker --units ${directory} --index i/${workers}${places}`,
      `at the end: ntk-lens worker --units ${directory} --assemble${places}`,
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
    ...elsewhere.map((name) => ({ cells: [name, 'computed by another process'] })),
  ],
});

/** The state of every unit. */
export const statusTable = ({ counts, units }: UnitsStatus): Table => ({
  title: `${counts.done} of ${units.length} units done, ${counts.running} running, ${counts.failed} failed, ${counts.left} left`,
  columns: [
    { header: 'unit' },
    { header: 'name', align: 'left' },
    { header: 'state', align: 'left' },
    { header: 'process', align: 'left' },
    { header: 'failures' },
    { header: 'error', align: 'left' },
  ],
  rows: units.map(({ name, state, by, failures, error }, number) => ({
    cells: [
      ...[number, name, state],
      by.length === 0 ? null : by.map(({ pid, host }) => `${pid} on ${host}`).join(', '),
      ...[failures, error ?? null],
    ],
  })),
  notes:
    counts.running > 0
      ? [
          'running: a process started the unit, and its end is not known; on another host it may have been killed',
        ]
      : [],
});
