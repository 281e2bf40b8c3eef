import { formulaOf, isInnerProduct } from '@ntk-lens/kernels/formulas';
import { type LinePoint, type LineSeries, lineChart, math } from '@ntk-lens/report';
import type { CellResult, Experiment } from '../run/experiment.js';
import { kernelName } from '../run/method-name.js';
import { seedBand } from './seed-band.js';
import { spaceGroups } from './spaces-table.js';

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x / values.length, 0);

const pointOf = (group: readonly CellResult[], values: readonly number[]): LinePoint => ({
  x: group[0]!.space!.dimension,
  y: mean(values),
  band: seedBand(values),
});

/** Spaces of one family, such as random subspaces of several k, are one line. */
const familyOf = (name: string): string => name.split(':', 1)[0]!;

/**
 * Distance from the kernel of all parameters against k, with the worst entry of random subspaces and the
 * Johnson–Lindenstrauss bound on it; undefined if there is nothing to compare.
 */
export const spacesFigure = ({ cells, config, task, model }: Experiment): string | undefined => {
  const series = new Map<string, LinePoint[]>();
  const add = (label: string, point: LinePoint) => {
    // On a logarithmic axis there is no 0.
    if (Math.min(point.y, ...(point.band ?? [])) > 0)
      series.set(label, [...(series.get(label) ?? []), point]);
  };
  for (const shots of config.shots) {
    const suffix = config.shots.length > 1 ? `, ${shots}-shot` : '';
    for (const group of spaceGroups(cells, shots)) {
      const { formula, space } = group[0]!;
      const formulas = config.formulas.length > 1 ? `, ${kernelName(formula)}` : '';
      const name = `${familyOf(space!.name)}${formulas}${suffix}`;
      add(
        name,
        pointOf(
          group,
          group.map(({ distance }) => distance!.relative),
        ),
      );
      const worst = group.flatMap(({ distance }) => distance!.worst ?? []);
      const bounds = group.flatMap(({ distance }) => distance!.bound ?? []);
      if (!space!.projectsAll || !isInnerProduct(formulaOf(formula))) continue;
      if (worst.length > 0) add(`${name}, worst entry`, pointOf(group, worst));
      if (bounds.length > 0) add(`${name}, Johnson–Lindenstrauss bound on it`, pointOf(group, bounds));
    }
  }
  if (series.size === 0) return undefined;
  const lines = [...series].map(
    ([label, points]): LineSeries => ({ label, points, fit: label.includes('bound') }),
  );
  return lineChart({
    title: 'Distance from the kernel of all parameters',
    subtitle: `${task.name}, ${config.shots.join(' and ')}-shot, ${model.name}`,
    x: { label: [math`k`, ', numbers that move'], scale: 'log' },
    y: { label: 'distance', scale: 'log' },
    panels: [{ series: lines }],
    band: `range over ${config.seeds.length} seeds`,
  });
};
