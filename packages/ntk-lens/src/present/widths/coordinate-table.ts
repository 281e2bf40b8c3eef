import type { Cell, Table } from '@ntk-lens/report';
import type { CoordinateCheck, PretrainingScheme } from '@ntk-lens/tensor-programs';

type Finding = CoordinateCheck['findings'][number];

const slope = ({ statistic, interval, note }: Finding): Cell => {
  if (statistic === undefined) return note?.startsWith('exactly 0') ? '0 at all widths' : null;
  const [low, high] = interval!;
  return `${statistic.toFixed(2)} (${low.toFixed(2)} … ${high.toFixed(2)})`;
};

/** One row per coordinate: exponents at the start and of the change, with their verdicts. */
export const coordinateTable = (
  scheme: PretrainingScheme,
  { coordinates, findings }: CoordinateCheck,
): Table => {
  const [all, ...own] = findings;
  const measured = coordinates[0]!.measured;
  const widths = [...new Set(measured.map(({ width }) => width))];
  const seeds = [...new Set(measured.map(({ seed }) => seed))];
  const notes = new Set(own.flatMap(({ note }) => (note === undefined ? [] : [note])));
  return {
    title: `Coordinate check of ${scheme.parametrization} with ${scheme.optimizer}: ${all!.verdict}`,
    columns: [
      { header: 'coordinate', align: 'left' },
      { header: 'exponent, t = 0' },
      { header: 'verdict', align: 'left' },
      { header: `exponent of change, t = ${measured[0]!.updates.length}` },
      { header: 'verdict', align: 'left' },
    ],
    rows: coordinates.map(({ name }, i) => {
      const [start, update] = [own[2 * i]!, own[2 * i + 1]!];
      return {
        cells: [name, slope(start), start.verdict, slope(update), update.verdict],
        strong: start.verdict === 'fails' || update.verdict === 'fails',
      };
    }),
    notes: [
      all!.definition,
      `exponents of width: slope of log mean |x|, bootstrap interval over seeds; within ±${own[0]!.threshold.replace(/^.*±/, '')} holds`,
      ...notes,
      `widths ${widths.join(', ')}; seeds ${seeds.join(', ')}; learning rate ${scheme.learningRate} at width ${scheme.baseWidth}${scheme.zero.length > 0 ? `; starts at 0: ${scheme.zero.join(', ')}` : ''}`,
    ],
  };
};
