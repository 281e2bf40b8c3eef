import type { Table } from '@ntk-lens/report';
import type { TwoLayerCheck } from '@ntk-lens/tensor-programs';
import { twoLayerRowName } from '@ntk-lens/tensor-programs/symbolic';
import { findingsTable, notesOf } from '../check-table.js';

const short = (value: number): string => String(Number(value.toPrecision(2)));

/** Exponents with their verdicts; the medians that they are fitted to stand below, with their intervals. */
export const twoLayerTableOf = ({ entries, laws, findings }: TwoLayerCheck): Table => {
  const draws = entries[0]!.errors.length;
  const medians = laws.map((row) => {
    const own = entries.filter(({ rule, rate }) => rule === row.rule && rate === row.rate);
    const cells = own.map(({ width, median, interval }) => {
      const ends = interval ? ` (${interval.map(short).join(' … ')})` : '';
      return `n = ${width}: ${short(median)}${ends}`;
    });
    return `${twoLayerRowName(row)}: ${cells.join(', ')}`;
  });
  return findingsTable('Is a step linear in the limit of width? Two layers, one example', findings, [
    ...notesOf(findings),
    `medians of ${draws} networks, with 95 % intervals by order statistics:`,
    ...medians.map((line) => `  ${line}`),
  ]);
};
