import { signed } from '../../present/signed.js';
import { chiFigure } from '../../present/widths/ladder-figures.js';
import { type LadderResult, ladderCell } from '../cells/ladder-cell.js';
import type { Results } from '../cells/protocol-cell.js';
import { beginsShots, meanCell, rowCells, type SampleGroup, sampleGroups } from './over-seeds.js';
import type { PartRequest, Told } from './part.js';

/** The ladder on the first sample of a group, as `check --ladder` takes it; none where no ladder is given. */
export const ladderOf = ({ ladder }: PartRequest, { samples }: SampleGroup) =>
  ladder ? [ladderCell(samples[0]!, ladder)] : [];

/** The exponent of width, and whether the task is natural. */
const lawText = ({ law, finding: { verdict, note } }: LadderResult): string => {
  const found = law
    ? `|χ| ∝ width^${signed(law.slope)} (${law.interval.map(signed).join(' … ')})`
    : 'no exponent';
  return [found, `natural task: ${verdict}`, ...(note === undefined ? [] : [note])].join('; ');
};

/** Output derivatives against width: a table with a row for each width, and a figure for each number of shots. */
export const widthsTold = (request: PartRequest, results: Results): Told => {
  const groups = sampleGroups(request);
  const measured = groups.flatMap((group, i) =>
    ladderOf(request, group).map((cell) => ({ group, found: results(cell), rule: beginsShots(groups, i) })),
  );
  if (measured.length === 0) return { tables: {}, figures: {} };
  const figures = request.config.run.shots.flatMap((shots) => {
    const tasks = measured.flatMap(({ group, found }) =>
      found && group.shots === shots ? [{ label: group.spec.name, rungs: found.rungs }] : [],
    );
    return tasks.length > 0 ? [[`chi-width-${shots}`, chiFigure(`${shots}-shot`, tasks)] as const] : [];
  });
  return {
    tables: {
      'chi-width': {
        title: 'Mean |χ| before any step, against width: mean ± standard deviation over models',
        columns: [
          { header: 'shots' },
          { header: 'task', align: 'left' },
          { header: 'width' },
          { header: 'models' },
          { header: 'mean |χ|', align: 'right', digits: 3 },
        ],
        rows: measured.flatMap(({ group, found, rule }) => {
          const start = [group.shots, group.spec.name];
          if (!found) return [{ cells: [...start, ...rowCells(found, 3, () => [])], rule }];
          return [...new Set(found.rungs.map(({ width }) => width))].map((width, k) => {
            const values = found.rungs.filter((rung) => rung.width === width).map(({ chi }) => chi);
            return { cells: [...start, width, values.length, meanCell(values)], rule: k === 0 && rule };
          });
        }),
        notes: measured.flatMap(({ group, found }) =>
          found ? [`${group.spec.name}, ${group.shots}-shot: ${lawText(found)}`] : [],
        ),
      },
    },
    figures: Object.fromEntries(figures),
  };
};
