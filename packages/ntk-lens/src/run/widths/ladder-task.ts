import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { LongTaskOptions } from '@ntk-lens/core';
import type { LadderTask } from '@ntk-lens/tensor-programs';
import type { RunConfig } from '../../options/run-config.js';
import { defaultFineTuneSettings } from '../finetune/fine-tune-settings.js';
import { loadSamples } from '../finetune/load-samples.js';
import { openModel } from '../model/open-model.js';

/** Test prompts that are looked at. */
const QUERIES = 64;

/** The task's own examples in the generated language, where the models come with them and no data are given. */
export const languageData = (task: string, directories: readonly string[]): string | undefined =>
  directories
    .flatMap((directory) => [directory, dirname(directory)])
    .map((directory) => join(directory, 'language', `${task}.csv`))
    .find(existsSync);

/** One k-shot sample of a task as prompts of each model of a ladder. */
export const ladderTask =
  (run: RunConfig, options: LongTaskOptions): ((directory: string) => Promise<LadderTask>) =>
  async (directory) => {
    const opened = await openModel(directory);
    const { labelWordIds, samples } = await loadSamples(
      { run, training: defaultFineTuneSettings },
      opened,
      options,
    );
    const { examples, labels } = samples[0]!;
    return {
      labelWordIds,
      train: { examples: examples.train, labels: labels.train },
      queries: { examples: examples.test.slice(0, QUERIES), labels: labels.test.slice(0, QUERIES) },
    };
  };
