import { defineTask, findTask, type OwnFormatOptions, ownFiles, type TaskSpec, tasks } from '@ntk-lens/tasks';
import type { DataOptions, PromptOptions } from './task-options.js';

/** The options that decide which task is meant. */
type TaskChoice = DataOptions & Pick<PromptOptions, 'template' | 'words'>;

/** True when `data` names one file of examples. */
export const isDataFile = (data: string | undefined): data is string =>
  data !== undefined && /\.(csv|tsv|jsonl|ndjson)$/i.test(data);

/** The reading format of own data's files. */
export const ownFormatOf = ({ textColumns, labelColumn, delimiter }: DataOptions): OwnFormatOptions => ({
  ...{ textColumns, labelColumn, delimiter },
  // A column of number 0 can only be meant where no header names it.
  header: ![...(textColumns ?? []), labelColumn].some((column) => typeof column === 'number'),
});

/** True for own data: one file, or a directory with what is said of its files. */
const isOwn = ({ data, textColumns, labelColumn, delimiter }: DataOptions): boolean =>
  isDataFile(data) || (data !== undefined && (textColumns ?? labelColumn ?? delimiter) !== undefined);

/** True where the labels and their order are those of `words`, not those of a task of the registry. */
export const hasOwnLabels = (choice: TaskChoice): boolean => isOwn(choice) && choice.words !== undefined;

/** `reviews` of `data/reviews.csv`; the whole name of a file where a task of the registry is called so. */
const ownName = (path: string): string => {
  const name = path.replace(/^.*[\\/]/, '');
  const stem = name.replace(/(?<=.)\.[^.]*$/, '');
  return tasks.some((task) => task.name === stem) ? name : stem;
};

/**
 * The task behind a name. With data of one's own (a file, or columns named) the labels are those of `words`, if they
 * are given; else everything but the data is that of the task. A file of one's own gives its name to the task.
 *
 * @throws UnknownTaskError, TaskDefinitionError
 */
export const taskOf = (name: string, choice: TaskChoice): TaskSpec => {
  const found = findTask(name);
  const { data, textColumns, words } = choice;
  if (data === undefined || !isOwn(choice)) return found;
  const format = ownFormatOf(choice);
  const own = ownName(data);
  if (words === undefined) {
    const name = isDataFile(data) ? own : found.name;
    return { ...found, name, displayName: name, embedded: false, files: ownFiles(found.name, format) };
  }
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
