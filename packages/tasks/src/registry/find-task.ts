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
    nearestTask(wanted),
  );
};

const namesOf = (task: TaskSpec): string[] => [task.name, ...task.aliases, task.displayName];

const nearestTask = (wanted: string): string | undefined => {
  if (wanted === '') return undefined;
  const longer = tasks.find((task) => namesOf(task).some((name) => normal(name).startsWith(wanted)));
  if (longer && wanted.length > 2) return longer.name;
  let best: string | undefined;
  let bestDistance = Math.max(2, Math.floor(wanted.length / 3)) + 1;
  for (const task of tasks) {
    for (const name of namesOf(task)) {
      const distance = editDistance(wanted.slice(0, 64), normal(name));
      if (distance < bestDistance) [best, bestDistance] = [task.name, distance];
    }
  }
  return best;
};

const editDistance = (a: string, b: string): number => {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
};
