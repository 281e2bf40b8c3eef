import { dotChart } from '@ntk-lens/report';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import { seedBand } from '../../present/seed-band.js';
import { checkedOf, checkedRows, checkOf } from './checked-rows.js';
import { median, medianCell, rowCells, sampleGroups, sampleNotes } from './over-seeds.js';
import type { Part } from './part.js';

const points = ['zeroShot', 'linearized', 'tuned'] as const;
const labels = { zeroShot: 'zero-shot', linearized: 'f_lin', tuned: 'fine-tuned' } as const;

/** Zero-shot, linearized and fine-tuned, at the parameters that dev chose. */
export const linearization: Part = {
  title: 'Linearization by task',
  cells: (request) => sampleGroups(request).flatMap((group) => checkOf(request, group)),
  tell: (request, results) => {
    const measured = checkedRows(request, results).map(({ found, ...row }) => ({
      ...row,
      ends: found?.seeds.map(({ end }) => end),
    }));
    const figures = request.config.run.shots.flatMap((shots) =>
      checkedOf(request).flatMap((name) => {
        const { title } = optimizerNamed(name);
        const own = measured.filter((one) => one.group.shots === shots && one.name === name);
        const dots = own.flatMap(({ group, ends }) =>
          points.map((point, kind) => {
            const values = (ends ?? []).map((end) => end[point]).filter(Number.isFinite);
            return {
              ...{ label: `${group.spec.name}, ${labels[point]}`, kind, interval: seedBand(values) },
              value: values.length > 0 ? median(values) : Number.NaN,
            };
          }),
        );
        const shown = dots.filter(({ value }) => Number.isFinite(value));
        if (shown.length === 0) return [];
        const chart = dotChart({
          title: `Linearization, ${title}, ${shots}-shot`,
          subtitle: request.model,
          axis: 'test score',
          percent: true,
          dots: shown,
          caption: 'median over seeds; thin: range over seeds',
        });
        return [[`linearization-${shots}-${name}`, chart] as const];
      }),
    );
    return {
      tables: {
        linearization: {
          title: 'Linearization by task: median [range]',
          columns: [
            { header: 'shots' },
            { header: 'task', align: 'left' },
            { header: 'optimizer', align: 'left' },
            ...points.map((point) => ({ header: labels[point], align: 'right' as const })),
          ],
          rows: measured.map(({ group, name, rule, ends }) => ({
            cells: [
              ...[group.shots, group.spec.name, optimizerNamed(name).title],
              ...rowCells(ends, points.length, (found) =>
                points.map((point) => medianCell(found.map((end) => end[point]))),
              ),
            ],
            rule,
          })),
          notes: [
            ...sampleNotes(request),
            'f_lin(ξ) = f(ξ; θ₀) + ⟨∇f(ξ; θ₀), θ_T − θ₀⟩, where θ_T is the point of the training that dev chose',
          ],
        },
      },
      figures: Object.fromEntries(figures),
    };
  },
};
