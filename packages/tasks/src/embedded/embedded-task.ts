import type { Example } from '@ntk-lens/core';
import { TaskDefinitionError } from '../errors.js';
import { findTask } from '../registry/find-task.js';
import { sampleKShot } from '../sample/sample-k-shot.js';
import type { TaskSpec } from '../spec/task-spec.js';

/** A task whose data come with this package: original English sentences, MIT-licensed like the code. */
export interface EmbeddedTask {
  readonly task: TaskSpec;
  /** Examples from which training and development sets are drawn. */
  readonly pool: readonly Example[];
  /** The fixed test set. */
  readonly test: readonly Example[];
}

interface StoredExample {
  readonly label: string;
  readonly text: readonly string[];
}

interface Data {
  readonly pool: readonly StoredExample[];
  readonly test: readonly StoredExample[];
}

const toExample = ({ label, text }: StoredExample): Example => ({ texts: text, label });

const loaders: Readonly<Record<string, () => Promise<{ default: Data }>>> = {
  sentiment: () => import('./data/sentiment.json'),
  topic: () => import('./data/topic.json'),
  entailment: () => import('./data/entailment.json'),
};

/**
 * Loads an embedded task: `sentiment` (negative, positive), `topic` (world, sports, business, technology) or
 * `entailment` (contradiction, entailment, neutral).
 *
 * @example
 * ```ts
 * const { task, pool, test } = await embeddedTask('sentiment');
 * ```
 * @throws UnknownTaskError if no task has the name, TaskDefinitionError if the task's data are not in the package
 */
export const embeddedTask = async (name: string): Promise<EmbeddedTask> => {
  const task = findTask(name);
  const load = loaders[task.name];
  if (load === undefined) {
    throw new TaskDefinitionError(
      task.name,
      'no data in this package',
      `one of ${Object.keys(loaders).join(', ')}, or a data directory`,
    );
  }
  const { pool, test } = (await load()).default;
  return { task, pool: pool.map(toExample), test: test.map(toExample) };
};

/**
 * Draws a few-shot run from an embedded task: k examples per label for training, k for development, disjoint, and the
 * fixed test set.
 *
 * @example
 * ```ts
 * const { train, dev, test } = await embeddedKShot({ name: 'topic', shots: 16, seed: 42 });
 * ```
 * @throws TooFewExamplesError if the pool is too small for so many shots
 */
export const embeddedKShot = async (options: {
  readonly name: string;
  readonly shots: number;
  readonly seed: number;
}): Promise<{
  task: TaskSpec;
  train: readonly Example[];
  dev: readonly Example[];
  test: readonly Example[];
}> => {
  const { task, pool, test } = await embeddedTask(options.name);
  return { task, ...sampleKShot(pool, { ...options, labels: task.labels }), test };
};
