import { nearestName } from '@ntk-lens/core';
import { UnknownTaskError } from '../errors.js';
import type { TaskSpec } from '../spec/task-spec.js';
import { tasks } from './tasks.js';

const normal = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/**
 * Finds a task by name, display name or alias; case, spaces, `-` and `_` do not matter.
 *
 * @example
 * ```ts
 * findTask('agnews').labelWords; // { 1: 'world', 2: 'sports', 3: 'business', 4: 'tech' }
 * ```
 * @param name such as `SST-2`, `sst2`, `mr`, `AG News`
 * @throws UnknownTaskError with the list of tasks, and the nearest name if one is near
 */
export const findTask = (name: string): TaskSpec => {
  const wanted = normal(name);
  const found =
    tasks.find((task) => task.name === name) ??
    tasks.find((task) => namesOf(task).some((other) => normal(other) === wanted));
  if (found) return found;
  throw new UnknownTaskError(
    name,
    tasks.map((task) => task.name),
    nearestTask(name),
  );
};

const namesOf = (task: TaskSpec): string[] => [task.name, ...task.aliases, task.displayName];

/** The task that is nearest by any of its names. */
const nearestTask = (wanted: string): string | undefined => {
  const near = nearestName(wanted, tasks.flatMap(namesOf));
  return tasks.find((task) => namesOf(task).some((name) => name === near))?.name;
};
