import { formulaOf } from '@ntk-lens/kernels/formulas';
import type { Cell, Table } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import type { CellResult, Experiment } from '../run/experiment.js';

/** Kernels of spaces with that of all parameters, by formula and space, over samples. */
export const spaceGroups = (cells: readonly CellResult[], shots: number): readonly CellResult[][] => {
  const groups = new Map<string, CellResult[]>();
  for (const cell of cells) {
    if (!cell.space || !cell.distance || cell.shots !== shots) continue;
    const key = `${cell.formula} ${cell.space.spec}`;
    groups.set(key, [...(groups.get(key) ?? []), cell]);
  }
  return [...groups.values()];
};

const summary = (values: readonly number[]): Cell => (values.length === 1 ? values[0]! : meanAndSd(values));

/**
 * Distance of each space's kernel from that of all parameters, with its dimension k and the
 * Johnson–Lindenstrauss bound; undefined if there is nothing to compare.
 */
export const spacesTable = ({ cells, config, task, model }: Experiment): Table | undefined => {
  const severalShots = config.shots.length > 1;
  const rows = config.shots.flatMap((shots) =>
    spaceGroups(cells, shots).map((group, i) => {
      const { formula, space } = group[0]!;
      const bounds = group.flatMap(({ distance }) => distance?.bound ?? []);
      return {
        cells: [
          ...(severalShots ? [shots] : []),
          space!.name,
          formulaOf(formula).title,
          space!.dimension.toLocaleString('en'),
          summary(group.map(({ distance }) => distance!.relative)),
          summary(group.map(({ distance }) => distance!.cosine)),
          summary(group.flatMap(({ distance }) => distance!.worst ?? [])),
          bounds.length === group.length ? bounds[0]! : '–',
        ],
        rule: i === 0,
      };
    }),
  );
  if (rows.length === 0) return undefined;
  return {
    title: `Distance from the kernel of all parameters, ${task.name} · ${model.name}`,
    columns: [
      ...(severalShots ? [{ header: 'shots' }] : []),
      { header: 'space', align: 'left' },
      { header: 'kernel', align: 'left' },
      { header: 'k', align: 'right' },
      { header: 'distance', digits: 3, align: 'right' },
      { header: 'cosine', digits: 4, align: 'right' },
      { header: 'worst', digits: 3, align: 'right' },
      { header: 'JL bound', digits: 3, align: 'right' },
    ],
    rows,
    notes: [
      'distance  min over s of ‖s·K_sub − K‖ / ‖K‖ (Frobenius), K(train, train)',
      'worst     max |s·K_sub(i,j) − K(i,j)| / √(K(i,i) K(j,j)); the Johnson–Lindenstrauss lemma allows it to be JL bound with',
      '          probability 0.95 for the kernel ⟨∇f, ∇f⟩ and Gaussian Π (projection=dense; hadamard has about its variance); – where',
      '          it promises nothing',
    ],
  };
};
