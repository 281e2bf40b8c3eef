import type { Cell } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import type { RunConfig } from '../../options/run-config.js';
import { type ProtocolCell, type Results, sampleRuns } from '../cells/protocol-cell.js';
import type { PartRequest, TaskOfPart } from './part.js';

/** The samples of one task and one number of shots. */
export interface SampleGroup extends TaskOfPart {
  readonly shots: number;
  /** One for each seed. */
  readonly samples: readonly RunConfig[];
}

/** Tasks by shots, as tables have them. */
export const sampleGroups = ({ config, tasks }: PartRequest): readonly SampleGroup[] =>
  config.run.shots.flatMap((shots) =>
    tasks.map(({ run, spec }) => {
      const own = { ...run, shots: [shots] };
      return { run: own, spec, shots, samples: sampleRuns(own) };
    }),
  );

/** Whether a group begins other shots than the one before: a rule in a table. */
export const beginsShots = (groups: readonly SampleGroup[], i: number): boolean =>
  i > 0 && groups[i - 1]!.shots !== groups[i]!.shots;

const notRun = 'not run';

/** The table's cell for the results of some work; where part of it did not run, how much of it did. */
export const cellOf = <R>(
  results: Results,
  cells: readonly ProtocolCell<R>[],
  show: (found: readonly R[]) => Cell,
): Cell => {
  const found = cells.map((cell) => results(cell)).filter((one): one is R => one !== undefined);
  return cellOfSome(found.length, cells.length, () => show(found));
};

/** The same by the numbers of samples that ran and that were asked for. */
export const cellOfSome = (ran: number, asked: number, show: () => Cell): Cell => {
  if (ran === asked) return show();
  return ran === 0 ? notRun : `${ran} of ${asked} run`;
};

/** A row's cells for one result; all of them say so where it did not run. */
export const rowCells = <R>(
  found: R | undefined,
  count: number,
  show: (found: R) => readonly Cell[],
): readonly Cell[] => (found === undefined ? Array.from({ length: count }, () => notRun) : show(found));

const known = (values: readonly (number | undefined)[]): number[] =>
  values.filter((value): value is number => value !== undefined && Number.isFinite(value));

/** Mean with its standard deviation (ddof 0); the value itself of one seed, a dash of none. */
export const meanCell = (values: readonly (number | undefined)[]): Cell => {
  const found = known(values);
  return found.length === 0 ? null : found.length === 1 ? found[0]! : meanAndSd(found);
};

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  return (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
};

const percent = (value: number): string => (100 * value).toFixed(1);

/** `85.2 [83.0, 86.1]`, in percent: median and range over seeds. */
export const medianCell = (values: readonly (number | undefined)[]): Cell => {
  const found = known(values);
  if (found.length === 0) return null;
  const range = `[${percent(Math.min(...found))}, ${percent(Math.max(...found))}]`;
  return found.length === 1 ? percent(found[0]!) : `${percent(median(found))} ${range}`;
};

/** `5 seeds: 13, 21, …`, and metrics other than accuracy, as notes below a table. */
export const sampleNotes = ({ config, tasks, missing, model }: PartRequest): string[] => {
  const { seeds, limitTest } = config.run;
  const others = tasks.filter(({ spec }) => spec.metrics[0] !== 'accuracy');
  const metrics = others.map(({ spec }) => `${spec.metrics[0]} of ${spec.name}`);
  return [
    `${model}; seed${seeds.length > 1 ? 's' : ''} ${seeds.join(', ')}; test ${['accuracy', ...metrics].join(', ')}, in percent${limitTest === undefined ? '' : `, of at most ${limitTest} examples`}`,
    ...(missing.length > 0 ? [`left out, without data: ${missing.join(', ')}`] : []),
  ];
};
