import { basename, extname } from 'node:path';
import { defineTask, findTask, type OwnFormatOptions, ownFiles, type TaskSpec } from '@ntk-lens/tasks';
import type { RunConfig } from '../options/run-config.js';

/** True when `--data` names one file of examples. */
export const isDataFile = (data: string | undefined): data is string =>
  data !== undefined && /\.(csv|tsv|jsonl|ndjson)$/i.test(data);

/** How the files of own data are read. */
export const ownFormatOf = ({ textColumns, labelColumn }: RunConfig): OwnFormatOptions => ({
  textColumns,
  labelColumn,
  // A column of number 0 can only be meant where no header names it.
  header: ![...(textColumns ?? []), labelColumn].some((column) => typeof column === 'number'),
});

/** True for own data: one file, or columns named. */
const isOwn = ({ data, textColumns, labelColumn }: RunConfig): boolean =>
  isDataFile(data) || (data !== undefined && (textColumns ?? labelColumn) !== undefined);

/** True where the labels and their order are those of `--mapping`, not those of a task of the registry. */
export const hasOwnLabels = (config: RunConfig): boolean => isOwn(config) && config.mapping !== undefined;

/**
 * The task of a configuration. With data of one's own (a file, or columns named) the labels are those of the
 * mapping, if there is one; else everything but the data is that of `--task`.
 *
 * @throws UnknownTaskError, TaskDefinitionError
 */
export const taskOf = (config: RunConfig): TaskSpec => {
  const found = findTask(config.task);
  const { data, textColumns, mapping } = config;
  if (data === undefined || !isOwn(config)) return found;
  const format = ownFormatOf(config);
  if (mapping === undefined) return { ...found, embedded: false, files: ownFiles(found.name, format) };
  const name = basename(data, extname(data));
  return defineTask({
    name,
    labels: Object.keys(mapping),
    labelWords: mapping,
    template: config.template ?? found.template,
    textsPerExample: textColumns?.length ?? 1,
    maxLength: found.maxLength,
    files: ownFiles(name, format),
  });
};
