import { DataFormatError } from '../errors.js';
import { readCsvRows, writeCsvRows } from '../split/csv-as-pandas.js';

/** Downloaded texts by name → files in LM-BFF's layout by name. */
export type Convert = (texts: ReadonlyMap<string, string>) => Map<string, string>;

const textOf = (texts: ReadonlyMap<string, string>, name: string): string => {
  const text = texts.get(name);
  if (text === undefined) throw new DataFormatError(name, 0, 'no such file', 'it among the downloads');
  return text;
};

/** Splits MRPC's training file by GLUE's list of development pairs, as GLUE's download script does. */
export const convertMrpc: Convert = (texts) => {
  const devIds = new Set(
    textOf(texts, 'dev_ids.tsv')
      .split(/\r?\n/)
      .map((line) => line.trim()),
  );
  const lines = textOf(texts, 'all.tsv').split(/\r\n|\n|\r/);
  const header = `${lines[0] ?? ''}\n`;
  const files = { train: header, dev: header };
  for (const [i, line] of lines.entries()) {
    if (i === 0 || line.trim() === '') continue;
    const cells = line.trim().split('\t');
    if (cells.length !== 5) {
      throw new DataFormatError('msr_paraphrase_train.txt', i + 1, `${cells.length} columns`, '5');
    }
    files[devIds.has(`${cells[1]}\t${cells[2]}`) ? 'dev' : 'train'] += `${cells.join('\t')}\n`;
  }
  return new Map([
    ['train.tsv', files.train],
    ['dev.tsv', files.dev],
  ]);
};

/**
 * LM-Kernel-FT's split of CR: 250 test examples per label instead of LM-BFF's 1,000; the others go to the front of their
 * label's training examples.
 */
export const convertCr: Convert = (texts) => {
  const train = readCsvRows(textOf(texts, 'train.csv'), 'train.csv');
  const test = readCsvRows(textOf(texts, 'test.csv'), 'test.csv');
  const labels = [...new Set(test.map(([label]) => label))].sort();
  const of = (rows: readonly string[][], label: string | undefined): string[][] =>
    rows.filter((row) => row[0] === label);
  return new Map([
    [
      'train.csv',
      writeCsvRows(labels.flatMap((label) => [...of(test, label).slice(250), ...of(train, label)])),
    ],
    ['test.csv', writeCsvRows(labels.flatMap((label) => of(test, label).slice(0, 250)))],
  ]);
};
