import { ColumnChoiceError, DataFormatError, MissingColumnError, OneLabelError } from '../errors.js';
import { limits } from '../limits.js';
import { type OwnFormatOptions, ownFormat } from '../read/own-format.js';
import { parseTable, type TableRow } from '../read/parse-table.js';
import type { Column, TableFormat } from '../spec/table-format.js';
import { isOtherName, isPlainName, labelRank, pairOf, textRank } from './column-names.js';
import { type ColumnProfile, type ProfiledColumn, profileColumn } from './profile-columns.js';

/** Options of {@link findColumns}: the columns that are known. */
export interface FindColumnsOptions extends OwnFormatOptions {
  /** Labels, where they are known: the label column holds no others. */
  readonly labels?: readonly string[];
}

/** The columns of a table that hold texts and labels. */
export interface FoundColumns {
  /** Whether the first row names the columns. */
  readonly header: boolean;
  /** One, or two for pairs. */
  readonly textColumns: readonly Column[];
  readonly labelColumn: Column;
  /** Different labels: whole numbers in their order, then the others in that of their characters. */
  readonly labels: readonly string[];
  /** Examples of each label. */
  readonly counts: readonly number[];
  /** Other columns that could hold texts, and labels, the likeliest first. */
  readonly otherTexts: readonly Column[];
  readonly otherLabels: readonly Column[];
  /** All columns, as they were seen. */
  readonly columns: readonly ColumnProfile[];
}

/**
 * Finds the text and label columns of a CSV, TSV or JSON-lines file where they are not given.
 *
 * - The first row names the columns, unless one of its cells is a number or comes again in its own column. A name such as
 *   `text` or `label` decides for a header, where it does not come again.
 * - The label column is the one with the plainest name of a label (`label`, `class`, `category`, …) whose values repeat; without
 *   such a name the only column of 2 to 50 different values that come three times on average.
 * - The text column is the one with the plainest name of a text (`text`, `sentence`, `body`, …); without such a name the one
 *   with the most words. Two columns are taken whose names are those of a pair: `premise` and `hypothesis`, `question1` and
 *   `question2`.
 *
 * The order of the rows does not matter.
 *
 * @example
 * ```ts
 * findColumns('id,body,kind\n1,Where is my parcel?,delivery\n2,I paid twice.,billing\n3,Late.,delivery\n4,Twice.,billing\n', 'tickets.csv');
 * // { header: true, textColumns: ['body'], labelColumn: 'kind', labels: ['billing', 'delivery'], … }
 * ```
 * @param text the file's text
 * @param file its name, whose extension says how it is read
 * @throws ColumnChoiceError with the columns that there are, where none fits or several do; OneLabelError; MissingColumnError;
 *   DataFormatError, for a row without a label among others; BadArgumentError for another extension
 */
export const findColumns = (text: string, file: string, options: FindColumnsOptions = {}): FoundColumns => {
  const { textColumns, labelColumn, labels: known } = options;
  const format = ownFormat(file, options);
  const { header, columns } = profiled(text, file, format, options);
  const given = (column: Column): ProfiledColumn => {
    const found = columns.find((own) => own.column === column);
    if (!found)
      throw new MissingColumnError(
        file,
        column,
        columns.map((own) => String(own.column)),
      );
    return found;
  };
  const taken = textColumns?.map(given) ?? [];
  const candidates = labelColumns(
    columns.filter((own) => !taken.includes(own)),
    known,
  );
  const label = labelColumn === undefined ? chosenLabel(candidates, columns, file) : given(labelColumn);
  const texts = textCandidates(columns.filter((own) => own !== label));
  const pair = textColumns === undefined ? pairAmong(columns.filter((own) => own !== label)) : undefined;
  const chosen = textColumns === undefined ? (pair ?? texts.slice(0, 1)) : taken;
  if (chosen.length === 0) throw new ColumnChoiceError(file, 'text', columns, []);
  checkLabels(label, file);
  for (const column of chosen) checkTexts(column, file);
  const counts = inOrder(label.values);
  return {
    header,
    textColumns: chosen.map(({ column }) => column),
    labelColumn: label.column,
    labels: counts.map(([value]) => value),
    counts: counts.map(([, count]) => count),
    otherTexts: texts.filter((own) => !chosen.includes(own)).map(({ column }) => column),
    otherLabels: candidates.filter((own) => own !== label).map(({ column }) => column),
    columns: columns.map(({ values: _, blankLine: __, ...profile }) => profile),
  };
};

/** The columns of a file, and whether its first row names them. */
const profiled = (
  text: string,
  file: string,
  format: TableFormat,
  { textColumns = [], labelColumn, header }: OwnFormatOptions,
): { readonly header: boolean; readonly columns: readonly ProfiledColumn[] } => {
  const { rows } = parseTable(text, { ...format, header: false }, file);
  if (rows.length === 0) throw new DataFormatError(file, 1, 'an empty file', 'a row for every example');
  if (format.type === 'jsonl') {
    const names = new Set(rows.flatMap(({ cells }) => Object.keys(cells)));
    return { header: true, columns: [...names].map((name) => profileColumn(rows, name, name)) };
  }
  const given = [...textColumns, labelColumn].filter((column) => column !== undefined);
  const named =
    header ?? (given.length > 0 ? !given.some((own) => typeof own === 'number') : namesColumns(rows));
  const first = rows[0]!.cells as readonly string[];
  const body = named ? rows.slice(1) : rows;
  const twice = named ? first.find((name, i) => name !== '' && first.indexOf(name) !== i) : undefined;
  if (twice !== undefined)
    throw new DataFormatError(file, 1, `the column ${JSON.stringify(twice)} twice`, 'each name once');
  const columns = first.map((name, i) => profileColumn(body, named ? name : i, i));
  return { header: named, columns: columns.filter(({ column }) => column !== '') };
};

/** True where the first row holds the names of columns. */
const namesColumns = ([first, ...rows]: readonly TableRow[]): boolean => {
  const cells = first!.cells as readonly string[];
  const again = cells.map((cell, i) =>
    rows.some((row) => cell.trim() !== '' && (row.cells as readonly string[])[i] === cell),
  );
  if (cells.some((cell, i) => isPlainName(cell) && !again[i])) return true;
  const numbers = cells.some((cell) => cell.trim() !== '' && Number.isFinite(Number(cell)));
  return !numbers && !again.includes(true);
};

const nameOf = ({ column }: ColumnProfile): string => (typeof column === 'string' ? column : '');

/** Sorted by a rank, those without one left out; columns of equal rank stay in the order of the file. */
const ranked = (
  columns: readonly ProfiledColumn[],
  rank: (column: ProfiledColumn) => number | undefined,
): readonly ProfiledColumn[] =>
  columns
    .map((column) => ({ column, rank: rank(column) }))
    .filter((own): own is { column: ProfiledColumn; rank: number } => own.rank !== undefined)
    .sort((a, b) => a.rank - b.rank)
    .map(({ column }) => column);

/** Columns that could hold labels: those with a name of one, then those of few values. */
const labelColumns = (
  columns: readonly ProfiledColumn[],
  known: readonly string[] | undefined,
): readonly ProfiledColumn[] => {
  const fits = ({ values }: ProfiledColumn): boolean =>
    known === undefined || [...values.keys()].every((value) => known.includes(value));
  const repeats = ({ rows, blank, distinct }: ProfiledColumn, often: number, most: number): boolean =>
    distinct >= 2 && distinct <= most && rows - blank >= often * distinct;
  return ranked(columns.filter(fits), (column) => {
    const name = labelRank(nameOf(column));
    if (name !== undefined && repeats(column, 2, limits.labels)) return name;
    const byContent = !isOtherName(nameOf(column)) && repeats(column, 3, 50);
    return byContent || (known !== undefined && column.distinct >= 2) ? Number.MAX_VALUE : undefined;
  });
};

/**
 * The label column: the best name, or the only candidate.
 *
 * @throws OneLabelError, ColumnChoiceError
 */
const chosenLabel = (
  [first, ...others]: readonly ProfiledColumn[],
  columns: readonly ProfiledColumn[],
  file: string,
): ProfiledColumn => {
  if (first && (others.length === 0 || labelRank(nameOf(first)) !== undefined)) return first;
  if (first) throw new ColumnChoiceError(file, 'label', columns, [first, ...others]);
  const [constant] =
    columns.length < 2
      ? []
      : ranked(columns, (own) => (own.distinct === 1 ? labelRank(nameOf(own)) : undefined));
  if (constant) checkLabels(constant, file);
  throw new ColumnChoiceError(file, 'label', columns, []);
};

/** @throws OneLabelError for a column with one value; DataFormatError for one that is blank in some row */
const checkLabels = ({ column, values, blank, blankLine, rows }: ProfiledColumn, file: string): void => {
  if (blank > 0)
    throw new DataFormatError(
      file,
      blankLine!,
      `no label in column ${JSON.stringify(column)}, and so in ${blank} of ${rows} rows`,
      'a label in every row. Remove the rows without one',
    );
  if (values.size < 2) throw new OneLabelError(file, column, [...values.keys()][0], rows);
};

/** @throws DataFormatError for a column that is blank in some row */
const checkTexts = ({ column, blank, blankLine, rows }: ProfiledColumn, file: string): void => {
  if (blank > 0)
    throw new DataFormatError(
      file,
      blankLine!,
      `a blank text in column ${JSON.stringify(column)}, and so in ${blank} of ${rows} rows`,
      'a text in every row. Remove the rows without one',
    );
};

/** Columns that could hold the text: those with a name of one, then those with the most words. */
const textCandidates = (columns: readonly ProfiledColumn[]): readonly ProfiledColumn[] => {
  const candidates = ranked(columns.filter(isVaried), (column) => {
    const name = textRank(nameOf(column));
    const plain = name !== undefined && isPlainName(nameOf(column)) && column.letters >= 0.3;
    if (plain || (name !== undefined && isProse(column))) return name;
    return isProse(column) && !isOtherName(nameOf(column)) ? 1e6 - column.words : undefined;
  });
  if (candidates.length > 0) return candidates;
  return ranked(columns.filter(isVaried), (own) => (own.letters >= 0.5 ? -own.words : undefined));
};

/** Values of which most are there once. */
const isVaried = ({ distinct, rows, blank }: ColumnProfile): boolean =>
  distinct > 0 && (distinct >= (rows - blank) / 2 || distinct > 50);

const isProse = ({ words, letters }: ColumnProfile): boolean => words >= 2 && letters >= 0.5;

/** The texts of a pair, unless a column is plainly named as the one text. */
const pairAmong = (columns: readonly ProfiledColumn[]): readonly ProfiledColumn[] | undefined => {
  const texts = columns.filter(
    (own) => own.distinct > 1 && (isProse(own) || textRank(nameOf(own)) !== undefined),
  );
  if (texts.some((own) => textRank(nameOf(own)) === 0)) return undefined;
  return pairOf(texts.map(nameOf))?.map((name) => texts.find((own) => own.column === name)!);
};

/** Labels as the keys of an object have them: whole numbers in their order, then the others, here by their characters. */
const inOrder = (values: ReadonlyMap<string, number>): readonly (readonly [string, number])[] => {
  const sorted = [...values.keys()].sort((a, b) => (a < b ? -1 : 1));
  const keys = Object.keys(Object.fromEntries(sorted.map((value) => [value, 0])));
  return keys.map((value) => [value, values.get(value)!]);
};
