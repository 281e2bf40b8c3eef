import { defineTask, findTask, type OwnFormatOptions, ownFiles, type TaskSpec } from '@ntk-lens/tasks';
import type { DataOptions, PromptOptions } from './task-options.js';

/** What decides which task is meant. */
type TaskChoice = DataOptions & Pick<PromptOptions, 'template' | 'words'>;

/** True when `data` names one file of examples. */
export const isDataFile = (data: string | undefined): data is string =>
  data !== undefined && /\.(csv|tsv|jsonl|ndjson)$/i.test(data);

/** How the files of own data are read. */
export const ownFormatOf = ({ textColumns, labelColumn }: DataOptions): OwnFormatOptions => ({
  textColumns,
  labelColumn,
  // A column of number 0 can only be meant where no header names it.
  header: ![...(textColumns ?? []), labelColumn].some((column) => typeof column === 'number'),
});

/** True for own data: one file, or columns named. */
const isOwn = ({ data, textColumns, labelColumn }: DataOptions): boolean =>
  isDataFile(data) || (data !== undefined && (textColumns ?? labelColumn) !== undefined);

/** @internal True where the labels and their order are those of `words`, not those of a task of the registry. */
export const hasOwnLabels = (choice: TaskChoice): boolean => isOwn(choice) && choice.words !== undefined;

/** `reviews` of `data/reviews.csv`. */
const stem = (path: string): string => path.replace(/^.*[\\/]/, '').replace(/(?<=.)\.[^.]*$/, '');

/**
 * The task behind a name. With data of one's own (a file, or columns named) the labels are those of `words`, if they
 * are given; else everything but the data is that of the task.
 *
 * @throws UnknownTaskError, TaskDefinitionError
 */
export const taskOf = (name: string, choice: TaskChoice): TaskSpec => {
  const found = findTask(name);
  const { data, textColumns, words } = choice;
  if (data === undefined || !isOwn(choice)) return found;
  const format = ownFormatOf(choice);
  if (words === undefined) return { ...found, embedded: false, files: ownFiles(found.name, format) };
  const own = stem(data);
  return defineTask({
    name: own,
    labels: Object.keys(words),
    labelWords: words,
    template: choice.template ?? found.template,
    textsPerExample: textColumns?.length ?? 1,
    maxLength: found.maxLength,
    files: ownFiles(own, format),
  });
};
