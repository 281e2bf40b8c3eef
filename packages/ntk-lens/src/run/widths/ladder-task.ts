import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import type { LongTaskOptions } from '@ntk-lens/core';
import { openLens, refuseTraining, resolveTraining, type SharedRuntime } from '@ntk-lens/lens';
import { parseSpace } from '@ntk-lens/subspace';
import type { LadderTask } from '@ntk-lens/tensor-programs';
import type { RunConfig } from '../../options/run-config.js';
import { samplesOf, taskOptions } from '../with-lens.js';

/** Test prompts that are looked at. */
const QUERIES = 64;

/**
 * A run on the models of a ladder. It takes the task's own examples in the generated language, where the models come with them
 * and no data are given.
 */
export const onLadder = (run: RunConfig, directories: readonly string[]): RunConfig => {
  const found = directories
    .map((directory) => resolve(directory))
    .flatMap((directory) => [directory, dirname(directory)])
    .map((directory) => join(directory, 'language', `${run.task}.csv`))
    .find((file) => existsSync(file));
  return { ...run, data: run.data ?? found };
};

/** The first k-shot sample of a run as prompts of each model of a ladder. */
export const ladderTask =
  (run: RunConfig, runtime: SharedRuntime, long: LongTaskOptions): ((model: string) => Promise<LadderTask>) =>
  async (model) => {
    const lens = await openLens({ model, runtime, ...long });
    try {
      const task = await lens.task(run.task, { ...taskOptions(run), ...samplesOf(run)[0], ...long });
      await refuseTraining(lens.model, [task], parseSpace('full'), resolveTraining(), undefined);
      const { labelWordIds, examples, labels } = task;
      return {
        labelWordIds,
        train: { examples: examples.train, labels: labels.train },
        queries: { examples: examples.test.slice(0, QUERIES), labels: labels.test.slice(0, QUERIES) },
      };
    } finally {
      await lens.close();
    }
  };
