import { scatterChart } from '@ntk-lens/report';
import { type TrainingResult, trainingCell } from '../cells/training-cell.js';
import {
  beginsShots,
  cellOfSome,
  meanCell,
  type SampleGroup,
  sampleGroups,
  sampleNotes,
} from './over-seeds.js';
import type { Part, PartRequest } from './part.js';

const pairOf = ({ config: { check } }: PartRequest, { samples }: SampleGroup) =>
  samples.map((sample) => ({
    adam: trainingCell(sample, check, 'adam'),
    signgd: trainingCell(sample, check, 'signgd'),
  }));

/** Adam and SignGD on the same samples. */
export const paired: Part = {
  title: 'Adam against SignGD, paired',
  cells: (request) =>
    sampleGroups(request).flatMap((group) =>
      pairOf(request, group).flatMap(({ adam, signgd }) => [adam, signgd]),
    ),
  tell: (request, results) => {
    const groups = sampleGroups(request);
    const measured = groups.map((group) => {
      const [metric] = group.spec.metrics;
      const pairs = pairOf(request, group).flatMap((pair) => {
        const [adam, signgd] = [results(pair.adam), results(pair.signgd)];
        if (!adam || !signgd) return [];
        const scoreOf = ({ tuned }: TrainingResult): number => tuned?.test[metric] ?? Number.NaN;
        return [{ adam: scoreOf(adam), signgd: scoreOf(signgd) }];
      });
      return { group, pairs };
    });
    const percent = { align: 'right', percent: true, digits: 1 } as const;
    const figures: Record<string, string> = {};
    if (measured.some(({ pairs }) => pairs.some(({ adam, signgd }) => Number.isFinite(adam - signgd))))
      figures['paired'] = scatterChart({
        title: 'Adam against SignGD',
        subtitle: request.model,
        x: 'test score of Adam (%)',
        y: 'test score of SignGD (%)',
        panels: [
          {
            title: 'a point for every sample',
            series: request.config.run.shots.map((shots) => ({
              label: `${shots}-shot`,
              points: measured
                .filter(({ group }) => group.shots === shots)
                .flatMap(({ pairs }) => pairs.map(({ adam, signgd }) => [100 * adam, 100 * signgd] as const))
                .filter((point) => point.every(Number.isFinite)),
            })),
          },
        ],
      });
    return {
      tables: {
        paired: {
          title: 'Adam against SignGD on the same samples: mean ± standard deviation',
          columns: [
            { header: 'shots' },
            { header: 'task', align: 'left' },
            { header: 'Adam', ...percent },
            { header: 'SignGD', ...percent },
            { header: 'Adam − SignGD', ...percent },
            { header: 'seeds with Adam ahead', align: 'right' },
          ],
          rows: measured.map(({ group, pairs }, i) => ({
            cells: [
              ...[group.shots, group.spec.name],
              ...[
                () => meanCell(pairs.map(({ adam }) => adam)),
                () => meanCell(pairs.map(({ signgd }) => signgd)),
                () => meanCell(pairs.map(({ adam, signgd }) => adam - signgd)),
                () => `${pairs.filter(({ adam, signgd }) => adam > signgd).length} of ${pairs.length}`,
              ].map((show) => cellOfSome(pairs.length, group.samples.length, show)),
            ],
            rule: beginsShots(groups, i),
          })),
          notes: [...sampleNotes(request), 'differences are taken seed by seed'],
        },
      },
      figures,
    };
  },
};
