import { BadArgumentError } from '@ntk-lens/core';
import type { Column, TableFormat } from '../spec/table-format.js';
import type { TaskFiles } from '../spec/task-spec.js';
import { checkDelimiter } from './delimiter.js';

/** The format of own data's examples; see {@link ownFormat}. */
export interface OwnFormatOptions {
  /** Columns of the texts, one for single sentences, two for pairs. `['text']` if not given. */
  readonly textColumns?: readonly Column[];
  /** Column of the label. `'label'` if not given. */
  readonly labelColumn?: Column;
  /** Whether the first row names the columns; true if not given. Without a header, columns are numbers from 0. */
  readonly header?: boolean;
  /** One character. If not given, that of a CSV file is found (comma, semicolon, tab or bar), and that of TSV is the tab. */
  readonly delimiter?: string;
}

const types: Readonly<Record<string, TableFormat['type']>> = {
  csv: 'csv',
  tsv: 'tsv',
  jsonl: 'jsonl',
  ndjson: 'jsonl',
};

/**
 * The format of a file of your own, by its extension: `.csv` (quoted), `.tsv` (quotes are text), `.jsonl`, `.ndjson`.
 *
 * @example
 * ```ts
 * parseExamples(text, ownFormat('mails.csv', { textColumns: ['subject', 'body'], labelColumn: 'kind' }), 'mails.csv');
 * ```
 * @throws BadArgumentError for another extension, and for a delimiter that is none
 */
export const ownFormat = (file: string, options: OwnFormatOptions = {}): TableFormat => {
  const extension = file.slice(file.lastIndexOf('.') + 1).toLowerCase();
  const type = Object.hasOwn(types, extension) ? types[extension] : undefined;
  if (type === undefined) {
    throw new BadArgumentError('data file', file, `an extension of ${Object.keys(types).join(', ')}`);
  }
  checkDelimiter(options.delimiter);
  return {
    type,
    header: options.header ?? true,
    textColumns: options.textColumns ?? ['text'],
    labelColumn: options.labelColumn ?? 'label',
    delimiter: options.delimiter ?? (type === 'csv' ? 'auto' : undefined),
    evenRows: true,
  };
};

/**
 * The `files` of a task of your own whose directories hold `train`, `dev` and `test` as CSV, TSV or JSON lines.
 *
 * @example
 * ```ts
 * const mine = defineTask({ ...spam, name: 'mine', files: ownFiles('mine', { textColumns: ['body'], labelColumn: 'kind' }) });
 * const { train, dev, test } = await loadKShot({ task: mine, dataDir: 'mine/' });
 * ```
 * @param directory the task's folder name under a k-shot directory
 */
export const ownFiles = (directory: string, options: OwnFormatOptions = {}): TaskFiles => ({
  directory,
  names: { train: ['train'], dev: ['dev', 'validation', 'valid'], test: ['test'] },
  formats: Object.keys(types).map((extension) => ({
    extension,
    format: ownFormat(`x.${extension}`, options),
  })),
});
