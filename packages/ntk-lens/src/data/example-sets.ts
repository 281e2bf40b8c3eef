import type { Example, SplitName } from '@ntk-lens/core';
import { embeddedKShot, loadExamples, loadKShot, sampleKShot, type TaskSpec } from '@ntk-lens/tasks';
import type { RunConfig } from '../options/run-config.js';
import { NothingLeftError } from './errors.js';
import { isDataFile, ownFormatOf } from './own-task.js';

export type ExampleSets = Readonly<Record<SplitName, readonly Example[]>>;

/**
 * The examples of one k-shot sample: of an embedded task, of a k-shot directory, or drawn from one file, where the
 * test set is what the sample leaves over.
 *
 * @param splits sets that must be there; those of a directory that are not named stay empty. All three if not given.
 * @throws what the task's reader throws; TooFewExamplesError
 */
export const exampleSets = async (
  config: RunConfig,
  task: TaskSpec,
  { shots, seed }: { readonly shots: number; readonly seed: number },
  splits?: readonly SplitName[],
): Promise<ExampleSets> => {
  const { data } = config;
  const sets =
    data === undefined
      ? await embeddedKShot({ name: task.name, shots, seed })
      : isDataFile(data)
        ? await drawn(data, config, task, shots, seed)
        : await loadKShot({ task, dataDir: data, shots, seed, ...(splits && { splits }) });
  const { train, dev, test } = sets;
  return { train, dev, test: test.slice(0, config.limitTest) };
};

const drawn = async (
  path: string,
  config: RunConfig,
  task: TaskSpec,
  shots: number,
  seed: number,
): Promise<ExampleSets> => {
  const pool = await loadExamples(path, { ...ownFormatOf(config), kind: task.kind, labels: task.labels });
  const { train, dev } = sampleKShot(pool, { shots, seed, labels: task.labels });
  const used = new Set([...train, ...dev]);
  const test = pool.filter((example) => !used.has(example));
  if (test.length === 0) throw new NothingLeftError(path, shots);
  return { train, dev, test };
};
