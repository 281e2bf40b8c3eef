import { ConflictingOptionsError } from '@ntk-lens/core';
import { isDataFile } from '@ntk-lens/lens';
import { findTask } from '@ntk-lens/tasks';
import type { RunConfig } from '../../options/run-config.js';

/**
 * The runs of a configuration whose `task` names several, separated by commas: one for each task, under the name that
 * the registry has for it. A configuration of one task is its only run, as it is.
 *
 * A `data` directory holds the tasks whose data do not come with the program.
 *
 * @throws UnknownTaskError, which lists the tasks; ConflictingOptionsError for one task twice, and for several
 * tasks of one file
 */
export const runsByTask = (config: RunConfig): readonly RunConfig[] => {
  const names = config.task.split(',').map((name) => name.trim());
  if (names.length === 1) return [config];
  const tasks = names.map(findTask);
  const twice = tasks.find((task, i) => tasks.indexOf(task) !== i);
  if (twice !== undefined)
    throw new ConflictingOptionsError(`\`task\` names ${twice.name} twice.`, 'Leave one of them out.');
  if (isDataFile(config.data))
    throw new ConflictingOptionsError(
      `\`task\` names ${tasks.length} tasks, and \`data\` one file: ${config.data}.`,
      'Name the one task of that file, or a directory that has a folder for every task.',
    );
  return tasks.map(({ name, embedded }) => ({
    ...config,
    task: name,
    data: embedded ? undefined : config.data,
  }));
};
