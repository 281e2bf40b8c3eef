import { RunDirectory } from '@ntk-lens/lens/stored';
import type { Answer, ExampleRow, ExamplesPart } from '@ntk-lens/report/page';
import { parseTable } from '@ntk-lens/tasks';
import type { StoredExamples } from '../../run/examples-file.js';
import { predictionsName } from '../../run/write-predictions.js';
import type { Nearest } from './nearest.js';

/** Characters of the tables of examples of a page, about. */
export const MOST_CHARACTERS = 700_000;

/** The answers of `predictions.csv`, by method and by example. */
export type Predictions = ReadonlyMap<string, ReadonlyMap<number, Answer>>;

/**
 * Reads `predictions.csv` of a kernel's directory; undefined where nothing was solved.
 *
 * @throws DamagedRunError for a file that is not what was written
 */
export const readPredictions = async (path: string): Promise<Predictions | undefined> => {
  const directory = await RunDirectory.read(path);
  if (!directory?.has(predictionsName)) return undefined;
  const csv = new TextDecoder().decode(await directory.read(predictionsName));
  const { columns, rows } = parseTable(csv, { type: 'csv', header: true, delimiter: ',' }, predictionsName);
  const at = (name: string): number => columns.indexOf(name);
  const methods = new Map<string, Map<number, Answer>>();
  for (const { cells } of rows) {
    const cell = (name: string): string => (cells as readonly string[])[at(name)] ?? '';
    const margin = cell('margin') === '' ? undefined : Number(cell('margin'));
    const answers = methods.get(cell('method')) ?? new Map<number, Answer>();
    const right = margin === undefined ? undefined : cell('prediction') === cell('label');
    answers.set(Number(cell('example')), { prediction: shownText(cell('prediction')), margin, right });
    methods.set(cell('method'), answers);
  }
  return methods;
};

/** Markup of a row that holds no text. */
const ROW_SIZE = 500;

const sizeOf = ({ texts, nearest }: ExampleRow): number =>
  [...texts, ...nearest.flatMap((one) => one.texts)].reduce((sum, text) => sum + text.length, ROW_SIZE);

/** A text with the apostrophe taken away that keeps a spreadsheet from computing it. */
const shownText = (cell: string): string => (/^'[=+\-@\t\r]/.test(cell) ? cell.slice(1) : cell);

/** The beginning of a text next to others. */
const clipped = (text: string): string => (text.length <= 240 ? text : `${text.slice(0, 239)}…`);

/**
 * The test examples with the answers of the methods, those with the worst margins of the last method first.
 *
 * @param nearest the training examples that are nearest to each test example
 * @param most characters of the rows, about; the rows that are left out are counted in a note
 */
export const examplesPart = (
  nearest: readonly Nearest[],
  examples: StoredExamples,
  predictions: Predictions,
  most: number,
): ExamplesPart => {
  const methods = [...predictions.keys()];
  const rows = examples.test.map(
    ({ texts, label }, index): ExampleRow => ({
      ...{ index, texts, label },
      answers: methods.map((method) => predictions.get(method)!.get(index)),
      nearest: nearest[index]!.map(([i, similarity]) => {
        const one = examples.train[i]!;
        return { texts: one.texts.map(clipped), label: one.label, similarity };
      }),
    }),
  );
  const margin = ({ answers }: ExampleRow): number => answers.at(-1)?.margin ?? 0;
  let left = most;
  const shown = rows
    .sort((a, b) => margin(a) - margin(b) || a.index - b.index)
    .filter((row, i) => {
      left -= sizeOf(row);
      return i === 0 || left >= 0;
    });
  return {
    kind: 'examples',
    methods,
    rows: shown,
    similarity: 'training examples by the angle of their gradient; numbers are relative to the nearest',
    notes: [
      'A margin is the score of the label less the largest of the others. It is negative where the answer is wrong.',
      'The nearest training examples ξ have the largest K(ξ, ξ′) / √K(ξ, ξ). Their numbers are relative to the nearest.',
      ...(shown.length < rows.length
        ? [`The ${shown.length} smallest margins of ${rows.length} examples; predictions.csv has all.`]
        : []),
    ],
  };
};
