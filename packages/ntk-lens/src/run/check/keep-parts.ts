import { join } from 'node:path';
import { writeJson } from '@ntk-lens/core';
import { formulaOf, isSymmetric } from '@ntk-lens/kernels/formulas';
import type { CheckedKernel, CheckedTuning, Lens } from '@ntk-lens/lens';
import { RunDirectory } from '@ntk-lens/lens/stored';
import { type RunConfig, withoutSources } from '../../options/run-config.js';
import { cellsOf } from '../cells.js';
import { chosenSpaces } from '../chosen-spaces.js';
import { keepExamples } from '../examples-file.js';
import { cellResult, experimentRecord, shaped } from '../experiment-record.js';
import { fineTuneRecord } from '../finetune/fine-tune-experiment.js';
import { keepSample } from '../finetune/known-sample.js';
import { tunedSample } from '../finetune/tuned-sample.js';
import { gridsOf } from '../grids.js';
import { trainingOf } from './check-settings.js';
import type { CheckConfig } from './resolve-check.js';

/** Makes the directory of a kernel what `ntk-lens run` leaves, tables and figures left out. */
export const keepKernel = async (
  lens: Lens,
  { run, check }: CheckConfig,
  { formula: name, solved, directory, seconds }: CheckedKernel,
): Promise<void> => {
  const { kernel } = solved;
  const { task } = kernel.origin!;
  const formula = { ...formulaOf(name), name };
  const single = !isSymmetric(formula);
  const config: RunConfig = {
    ...run,
    ...{ shots: [task.shots], seeds: [task.seed], formulas: [name] },
    spaces: check.space === 'full' ? run.spaces : [check.space],
    ...{ binary: single || run.binary, solver: single ? 'asym' : run.solver },
  };
  const [cell] = cellsOf(config, [task], [formula], chosenSpaces(config));
  const identity = {
    kernel: kernel.identity,
    solve: { ...gridsOf(config) },
    sources: run.sources,
    suggestion: run.suggestion,
  };
  await RunDirectory.open(directory, identity, false);
  await keepExamples(directory, task);
  const result = cellResult(cell!, shaped(kernel), directory, solved, seconds);
  const all = seconds.kernels + seconds.solve;
  await writeJson(join(directory, 'config.json'), withoutSources(config));
  const record = await experimentRecord(lens, config, directory, task, [result], all);
  await writeJson(join(directory, 'metrics.json'), record);
};

/** Makes the directory of a training what `ntk-lens finetune` leaves. */
export const keepTuning = async (
  lens: Lens,
  { run, check }: CheckConfig,
  { optimizer, tuned, directory, seconds }: CheckedTuning,
): Promise<void> => {
  const { task } = tuned;
  const config = {
    run: { ...withoutSources(run), shots: [task.shots], seeds: [task.seed] },
    training: trainingOf(check, optimizer),
  };
  const sample = tunedSample(tuned, join(directory, 'training'));
  const known = await RunDirectory.read(directory);
  if (known)
    await RunDirectory.open(
      directory,
      { ...known.manifest, sources: run.sources, suggestion: run.suggestion },
      false,
    );
  await keepSample(directory, `${task.shots}-${task.seed}`, config.training, sample);
  await writeJson(join(directory, 'config.json'), config);
  const record = await fineTuneRecord(lens, config, directory, task, [sample], seconds);
  await writeJson(join(directory, 'metrics.json'), record);
};
