import { didYouMean, NtkLensError } from '@ntk-lens/core';

/** No task has this name. */
export class UnknownTaskError extends NtkLensError {
  static readonly code = 'UNKNOWN_TASK';
  constructor(name: string, known: readonly string[], nearest?: string) {
    const hint = nearest === undefined ? '' : ` Did you mean "${nearest}"?`;
    super(
      UnknownTaskError.code,
      'input',
      `Task "${name}" is not known.${hint} Known tasks: ${known.join(', ')}. For data of your own, name no \`task\` and give a .csv, .tsv or .jsonl file as \`data\`: its columns and labels are found.`,
    );
  }
}

/** A task definition that contradicts itself, such as a label without a label word. */
export class TaskDefinitionError extends NtkLensError {
  static readonly code = 'TASK_DEFINITION';
  constructor(task: string, found: string, expected: string) {
    super(TaskDefinitionError.code, 'input', `Task "${task}": found ${found}, expected ${expected}.`);
  }
}

/** A data file whose line cannot be read as an example. */
export class DataFormatError extends NtkLensError {
  static readonly code = 'DATA_FORMAT';
  constructor(
    readonly file: string,
    readonly line: number,
    found: string,
    expected: string,
  ) {
    super(DataFormatError.code, 'input', `${file}:${line}: found ${found}, expected ${expected}.`);
  }
}

/** A column that the data file does not have. */
export class MissingColumnError extends NtkLensError {
  static readonly code = 'MISSING_COLUMN';
  constructor(file: string, column: string | number, columns: readonly string[]) {
    super(
      MissingColumnError.code,
      'input',
      `${file}: there is no column ${JSON.stringify(column)}.${didYouMean(String(column), columns)} Columns: ${columns.join(', ') || 'none'}. Name those that the file has by \`textColumns\` and \`labelColumn\`, and its \`delimiter\` where columns stick together.`,
    );
  }
}

/** A file in which no column, or none in particular, can be taken for the texts or the labels. */
export class ColumnChoiceError extends NtkLensError {
  static readonly code = 'COLUMN_CHOICE';
  constructor(
    file: string,
    what: 'text' | 'label',
    columns: readonly ColumnSeen[],
    /** Columns that fit equally well; none where no column fits. */
    readonly candidates: readonly ColumnSeen[],
  ) {
    const field = what === 'text' ? 'textColumns' : 'labelColumn';
    const [found, expected] =
      candidates.length === 0
        ? what === 'text'
          ? ['no column of texts', 'one whose cells differ and hold words']
          : ['no column of labels', 'one of a few values that repeat']
        : [`${candidates.length} columns that could hold the ${what}s`, 'one'];
    const shown = candidates.length === 0 ? columns : candidates;
    super(
      ColumnChoiceError.code,
      'input',
      `${file}: found ${found}, expected ${expected}. ${candidates.length === 0 ? 'Columns' : 'They are'}: ${listed(shown)}. Name it by \`${field}\`${columns.length === 1 ? ', and the `delimiter` where columns stick together' : ''}.`,
    );
  }
}

/** A message's description of a column. */
interface ColumnSeen {
  readonly column: string | number;
  readonly distinct: number;
  readonly rows: number;
}

const LISTED = 12;

const listed = (columns: readonly ColumnSeen[]): string => {
  const all = columns.map(
    ({ column, distinct }) =>
      `${typeof column === 'number' ? column : JSON.stringify(column)} (${distinct} ${distinct === 1 ? 'value' : 'values'})`,
  );
  const more = all.length > LISTED ? ` and ${all.length - LISTED} more` : '';
  return `${all.slice(0, LISTED).join(', ')}${more}`;
};

/** A label column that holds one value: there is nothing to tell apart. */
export class OneLabelError extends NtkLensError {
  static readonly code = 'ONE_LABEL';
  constructor(file: string, column: string | number, label: string | undefined, rows: number) {
    super(
      OneLabelError.code,
      'input',
      `${file}: found ${label === undefined ? 'no value' : `the one value ${JSON.stringify(label)}`} in all ${rows} rows of the label column ${JSON.stringify(column)}, expected at least two labels. Name another column by \`labelColumn\`, or add examples of another label.`,
    );
  }
}

/** A label that the task does not have. */
export class UnknownLabelError extends NtkLensError {
  static readonly code = 'UNKNOWN_LABEL';
  constructor(file: string, line: number, label: string, labels: readonly string[]) {
    super(
      UnknownLabelError.code,
      'input',
      `${file}:${line}: label ${JSON.stringify(label)} is not one of the task's labels (${labels.join(', ')}).`,
    );
  }
}

/** A data file or directory that is not there. */
export class MissingDataError extends NtkLensError {
  static readonly code = 'MISSING_DATA';
  constructor(what: string, looked: readonly string[], advice: string) {
    const places = looked.length > 0 ? ` Looked for ${looked.join(', ')}.` : '';
    super(MissingDataError.code, 'input', `${what} is not there.${places} ${advice}`.trimEnd());
  }
}

/** Training data without an example of some label. */
export class MissingLabelError extends NtkLensError {
  static readonly code = 'MISSING_LABEL';
  constructor(file: string, task: string, missing: readonly string[], found: readonly string[]) {
    const list = (labels: readonly string[]) => labels.map((label) => JSON.stringify(label)).join(', ');
    super(
      MissingLabelError.code,
      'input',
      `${file}: found the labels ${list(found)} and no example of ${list(missing)}, expected all labels of "${task}". Are these the data of another task?`,
    );
  }
}

/** A directory of another task's data. */
export class OtherTaskDataError extends NtkLensError {
  static readonly code = 'OTHER_TASK_DATA';
  constructor(directory: string, task: string, other: string) {
    super(
      OtherTaskDataError.code,
      'input',
      `${directory} is named after the task "${other}", expected data of "${task}". Name the task that the data are of, or rename the directory.`,
    );
  }
}

/** A label with fewer examples than a k-shot sample needs. */
export class TooFewExamplesError extends NtkLensError {
  static readonly code = 'TOO_FEW_EXAMPLES';
  constructor(label: string, found: number, needed: number) {
    super(
      TooFewExamplesError.code,
      'input',
      `Label "${label}" has ${found} examples, expected at least ${needed} (training and development examples are disjoint). Use fewer shots.`,
    );
  }
}
