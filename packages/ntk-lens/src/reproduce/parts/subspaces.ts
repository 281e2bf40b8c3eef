import { type Cell, type LinePoint, lineChart, math } from '@ntk-lens/report';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import { seedBand } from '../../present/seed-band.js';
import { kernelName } from '../../run/method-name.js';
import { type KernelResult, kernelCell } from '../cells/kernel-cell.js';
import type { Results } from '../cells/protocol-cell.js';
import { spaceCell } from '../cells/space-cell.js';
import { trainingCell } from '../cells/training-cell.js';
import {
  beginsShots,
  cellOf,
  meanCell,
  median,
  type SampleGroup,
  sampleGroups,
  sampleNotes,
} from './over-seeds.js';
import type { Part, PartRequest } from './part.js';

/** The kernel and the training of a group in a space, seed by seed; all parameters where none is named. */
const cellsIn = ({ config }: PartRequest, { samples }: SampleGroup, space?: string) => {
  const [formula] = config.run.formulas;
  const [optimizer] = config.optimizers;
  return samples.map((sample) => ({
    kernel: space === undefined ? kernelCell(sample, formula!) : spaceCell(sample, formula!, space),
    training: optimizer && trainingCell(sample, config.check, optimizer, { space }),
  }));
};

const familyOf = (space: string): string => space.split(':', 1)[0]!;

/** Distance against the number of moving parameters, a line for each family of spaces, with the bound of Johnson and Lindenstrauss. */
const figureOf = (request: PartRequest, results: Results, shots: number): string | undefined => {
  const series = new Map<string, LinePoint[]>();
  const add = (label: string, x: number, values: readonly number[]): void => {
    // On a logarithmic axis there is no 0.
    if (values.length === 0 || Math.min(...values) <= 0) return;
    const point = { x, y: median(values), band: seedBand(values) };
    series.set(label, [...(series.get(label) ?? []), point]);
  };
  for (const group of sampleGroups(request).filter((one) => one.shots === shots))
    for (const space of request.config.spaces) {
      const found = cellsIn(request, group, space).flatMap(({ kernel }) => results(kernel) ?? []);
      if (found.length === 0) continue;
      const name = `${group.spec.name}, ${familyOf(space)}`;
      const x = found[0]!.space!.dimension;
      add(
        name,
        x,
        found.flatMap(({ distance }) => distance?.relative ?? []),
      );
      const worst = found.flatMap(({ distance }) =>
        distance?.bound === undefined ? [] : (distance.worst ?? []),
      );
      add(`${name}, worst entry`, x, worst);
      // It depends on k and the number of examples alone.
      const bound = found.flatMap(({ distance }) => distance?.bound ?? []);
      add('Johnson–Lindenstrauss bound on the worst entry', x, bound.slice(0, 1));
    }
  if (series.size === 0) return undefined;
  return lineChart({
    title: `Distance from the kernel of all parameters, ${shots}-shot`,
    subtitle: `${request.model}, ${kernelName(request.config.run.formulas[0]!)}`,
    x: { label: [math`k`, ', numbers that move'], scale: 'log' },
    y: { label: 'distance', scale: 'log' },
    band: `range over ${request.config.run.seeds.length} seeds`,
    panels: [
      {
        series: [...series].map(([label, points]) => ({ label, points, fit: label.includes('bound') })),
      },
    ],
  });
};

/** Fine-tuning next to the kernel in spaces of growing dimension. */
export const subspaces: Part = {
  title: 'Subspaces',
  cells: (request) =>
    sampleGroups(request).flatMap((group) =>
      [undefined, ...request.config.spaces].flatMap((space) =>
        cellsIn(request, group, space).flatMap(({ kernel, training }) =>
          training ? [kernel, training] : [kernel],
        ),
      ),
    ),
  tell: (request, results) => {
    const groups = sampleGroups(request);
    const { formulas, shots } = request.config.run;
    const [optimizer] = request.config.optimizers;
    const percent = { align: 'right', percent: true, digits: 1 } as const;
    const rows = groups.flatMap((group, i) =>
      [undefined, ...request.config.spaces].map((space, k) => {
        const [metric] = group.spec.metrics;
        const own = cellsIn(request, group, space);
        const kernels = own.map(({ kernel }) => kernel);
        const trained = own.flatMap(({ training }) => training ?? []);
        const ofKernels = (show: (found: readonly KernelResult[]) => Cell) => cellOf(results, kernels, show);
        const dimension = kernels.map((kernel) => results(kernel)?.space?.dimension);
        const moving = trained.map((training) => results(training)?.dimension);
        return {
          cells: [
            ...[group.shots, group.spec.name, space ?? 'full'],
            [...dimension, ...moving].find((k) => k !== undefined) ?? null,
            ...(optimizer
              ? [cellOf(results, trained, (found) => meanCell(found.map(({ tuned }) => tuned?.test[metric])))]
              : []),
            ofKernels((found) => meanCell(found.map(({ scores }) => scores.kernel.test[metric]))),
            ofKernels((found) => meanCell(found.map(({ distance }) => distance?.relative))),
            ofKernels((found) => meanCell(found.map(({ distance }) => distance?.worst))),
            ofKernels((found) => found[0]!.distance?.bound ?? null),
          ],
          rule: k === 0 && (i > 0 || beginsShots(groups, i)),
        };
      }),
    );
    const figures = shots.flatMap((k) => {
      const figure = figureOf(request, results, k);
      return figure === undefined ? [] : [[`subspaces-${k}`, figure] as const];
    });
    const number = { align: 'right', digits: 3 } as const;
    return {
      tables: {
        subspaces: {
          title: 'Fine-tuning next to the kernel in subspaces: mean ± standard deviation',
          columns: [
            { header: 'shots' },
            { header: 'task', align: 'left' },
            { header: 'space', align: 'left' },
            { header: 'k' },
            ...(optimizer ? [{ header: `${optimizerNamed(optimizer).title} fine-tuning`, ...percent }] : []),
            { header: kernelName(formulas[0]!), ...percent },
            { header: 'distance', ...number },
            { header: 'worst entry', ...number },
            { header: 'bound', ...number },
          ],
          rows,
          notes: [
            ...sampleNotes(request),
            'k is the count of numbers that move; the distance is from the kernel of all parameters, up to its scale',
            'the bound of Johnson and Lindenstrauss on the worst entry holds with probability 0.95, for random subspaces',
          ],
        },
      },
      figures: Object.fromEntries(figures),
    };
  },
};
