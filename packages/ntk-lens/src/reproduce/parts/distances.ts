import { lineChart, math } from '@ntk-lens/report';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import { seedBand } from '../../present/seed-band.js';
import { kernelName } from '../../run/method-name.js';
import { checkedOf, checkedRows, checkOf } from './checked-rows.js';
import { meanCell, median, rowCells, sampleGroups, sampleNotes } from './over-seeds.js';
import type { Part } from './part.js';

/** Distances of the kernel from that at θ₀, along fine-tuning. */
export const distances: Part = {
  title: 'Kernel distances over training',
  cells: (request) => sampleGroups(request).flatMap((group) => checkOf(request, group)),
  tell: (request, results) => {
    const measured = checkedRows(request, results).map(({ found, ...row }) => ({
      ...row,
      features: found?.seeds.map(({ features }) => features),
    }));
    const figures = request.config.run.shots.flatMap((shots) => {
      const panels = checkedOf(request).map((name) => ({
        title: optimizerNamed(name).title,
        series: measured
          .filter((one) => one.group.shots === shots && one.name === name)
          .flatMap(({ group, features = [] }) => {
            // The point that dev chose comes last, wherever it is.
            const along = features.map(({ points }) => points.slice(0, -1));
            const steps = [...new Set(along.flatMap((points) => points.map(({ step }) => step)))];
            const points = steps
              .sort((a, b) => a - b)
              .map((x) => {
                const values = along.flatMap((own) =>
                  own.filter(({ step }) => step === x).map(({ change }) => change.frobenius),
                );
                return { x, y: median(values), band: seedBand(values) };
              });
            return points.length > 0 ? [{ label: group.spec.name, points }] : [];
          }),
      }));
      if (panels.every(({ series }) => series.length === 0)) return [];
      const chart = lineChart({
        title: `Kernel distances over training, ${shots}-shot`,
        subtitle: request.model,
        x: { label: 'optimizer step' },
        y: { label: math`‖K(θ_t) − K(θ_0)‖ / ‖K(θ_0)‖` },
        band: `range over ${request.config.run.seeds.length} seeds`,
        panels,
      });
      return [[`distances-${shots}`, chart] as const];
    });
    const numbers = { align: 'right', digits: 3 } as const;
    return {
      tables: {
        distances: {
          title: 'Distance of K(θ_T) from K(θ₀) on the training examples: mean ± standard deviation',
          columns: [
            { header: 'shots' },
            ...['task', 'optimizer', 'kernel'].map((header) => ({ header, align: 'left' as const })),
            { header: 'elementwise', ...numbers },
            { header: 'Frobenius', ...numbers },
            { header: 'cosine', ...numbers },
          ],
          rows: measured.map(({ group, name, rule, features }) => ({
            cells: [
              ...[group.shots, group.spec.name, optimizerNamed(name).title],
              ...rowCells(features, 4, (found) => [
                found[0] ? kernelName(found[0].formula) : null,
                ...(['elementwise', 'frobenius', 'cosine'] as const).map((distance) =>
                  meanCell(found.map(({ points }) => points.at(-1)?.change[distance])),
                ),
              ]),
            ],
            rule,
          })),
          notes: [
            ...sampleNotes(request),
            'elementwise: mean |K(θ_T) − K(θ₀)| / |K(θ₀)| over entries; Frobenius: ‖K(θ_T) − K(θ₀)‖ / ‖K(θ₀)‖; cosine: ⟨K(θ_T), K(θ₀)⟩ / (‖K(θ_T)‖ ‖K(θ₀)‖)',
          ],
        },
      },
      figures: Object.fromEntries(figures),
    };
  },
};
