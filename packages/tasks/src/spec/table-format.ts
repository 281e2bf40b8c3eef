/** A column by its name in the header, or by its index from 0; −1 is the row's last. */
export type Column = string | number;

/**
 * The format of examples in a text file.
 *
 * - `tsv`: one example a line, split on tabs, quotes are text (GLUE);
 * - `csv`: quoted as RFC 4180 and pandas do, fields may hold line breaks;
 * - `jsonl`: one JSON object a line, columns are its keys.
 */
export interface TableFormat {
  readonly type: 'tsv' | 'csv' | 'jsonl';
  /** Whether the first row names the columns. Ignored for `jsonl`. */
  readonly header: boolean;
  /** One character, or `auto`: found in a `csv` file. A comma for `csv` and a tab for `tsv` unless given. */
  readonly delimiter?: string;
  /** Refuse rows that have not as many cells as the first. Ignored for `jsonl`. */
  readonly evenRows?: boolean;
  readonly textColumns: readonly Column[];
  readonly labelColumn: Column;
  /** Label in the file → label of the task; labels not listed stay as they are. */
  readonly labelMap?: Readonly<Record<string, string>>;
  /** Accept texts that are empty or only spaces (LM-BFF's data have some) instead of refusing the file. */
  readonly allowBlankText?: boolean;
  /** Skip rows that lack a column, as LM-BFF does for QQP, instead of refusing the file. */
  readonly skipShortRows?: boolean;
}
