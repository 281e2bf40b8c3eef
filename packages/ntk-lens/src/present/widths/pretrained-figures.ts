import { type Label, type LineChart, type LineSeries, lineChart, math } from '@ntk-lens/report';
import type { LadderManifest } from '@ntk-lens/tensor-programs';
import { againstWidth, seedRange } from './against-width.js';

type Rung = LadderManifest['rungs'][number];

/** Loss after pre-training, and |χ| of the prompts of both tasks, against width. */
export const pretrainedFigures = ({ scheme, rungs }: LadderManifest): readonly string[] => {
  // A training that diverged has no place on the axis.
  const line = (label: Label, of: (rung: Rung) => number): LineSeries =>
    againstWidth(
      label,
      rungs.filter((rung) => of(rung) > 0 && of(rung) < Infinity),
      of,
    );
  const chart = (title: string, y: LineChart['y'], series: readonly LineSeries[]): string[] =>
    series.every(({ points }) => points.length === 0)
      ? []
      : [
          lineChart({
            ...{ title, y, x: { label: 'width', scale: 'log' }, panels: [{ series }] },
            subtitle: `${scheme.parametrization}, ${scheme.optimizer}, ${scheme.steps} steps`,
            band: seedRange(rungs),
          }),
        ];
  return [
    ...chart('Loss after pre-training against width', { label: 'cross-entropy of a masked word' }, [
      line('', ({ loss }) => loss.last),
    ]),
    ...chart(
      'Output derivatives of the prompts against width',
      { label: ['mean ', math`|χ|`], scale: 'log' },
      (['sentiment', 'topic'] as const).map((task) => line(task, ({ zeroShot }) => zeroShot[task].chi)),
    ),
  ];
};
