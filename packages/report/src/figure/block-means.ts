import { cellsImage } from './cells-image.js';
import { colorScale } from './color-scale.js';
import { labelWidth } from './label.js';
import { tickText } from './number-format.js';
import { light } from './palette.js';
import { blockMeans, type LabelledMatrix } from './seriation.js';
import { element, text } from './svg.js';

/** Names of the labels that occur, in order. */
interface BlockNames {
  readonly rows: readonly string[];
  readonly columns: readonly string[];
}

interface BlockMeans {
  readonly markup: string;
  /** The means in words. */
  readonly description: string;
  readonly end: number;
  readonly bottom: number;
}

const heading = 'means of the blocks';
/** More labels have means without room for their numbers. */
const mostNumbers = 6;

/** The mean of each pair of labels as a small matrix, its colours on a scale of its own. */
export const drawBlockMeans = (
  matrix: LabelledMatrix,
  { rows, columns }: BlockNames,
  x: number,
  top: number,
): BlockMeans => {
  const means = blockMeans(matrix);
  const numbered = Math.max(rows.length, columns.length) <= mostNumbers;
  const written = means.map((row) => row.map((mean) => tickText(Number(mean.toPrecision(3)))));
  const widest = Math.max(
    ...written.flat().map((number) => labelWidth(number, 12)),
    ...columns.map((name) => labelWidth(name, 12)),
  );
  const cell = numbered
    ? { height: 30, width: Math.max(58, Math.min(90, widest + 10)) }
    : { width: 14, height: 14 };
  const left = x + 10 + (numbered ? Math.min(120, Math.max(...rows.map((name) => labelWidth(name, 12)))) : 0);
  const box = { x: left, y: top, width: cell.width * columns.length, height: cell.height * rows.length };
  const scale = colorScale(means.flat(), 0);
  const parts = [
    text(x, top - 28, heading, { size: 13, fill: light.muted }),
    cellsImage([rows.length, columns.length], (i, j) => scale.color(means[i]![j]!), box),
    element('rect', { ...box, stroke: light.muted, fill: 'none' }),
  ];
  if (numbered) {
    for (const [j, name] of columns.entries())
      parts.push(text(left + cell.width * (j + 0.5), top - 9, name, { anchor: 'middle', room: cell.width }));
    for (const [i, name] of rows.entries()) {
      const y = top + cell.height * (i + 0.5) + 4;
      parts.push(text(left - 8, y, name, { anchor: 'end', room: left - 8 - x }));
      for (const [j, number] of written[i]!.entries()) {
        const [r, g, b] = scale.color(means[i]![j]!);
        const fill = 0.299 * r + 0.587 * g + 0.114 * b > 140 ? '#000' : '#fff';
        parts.push(text(left + cell.width * (j + 0.5), y, number, { anchor: 'middle', fill }));
      }
    }
  }
  const pairs = rows.flatMap((row, i) =>
    columns.map((column, j) => `${row} with ${column} ${written[i]![j]}`),
  );
  return {
    ...{
      end: Math.max(left + box.width, x + labelWidth(heading, 13)),
      bottom: top + box.height,
    },
    ...{ markup: parts.join(''), description: `Mean by label: ${pairs.join('; ')}.` },
  };
};
