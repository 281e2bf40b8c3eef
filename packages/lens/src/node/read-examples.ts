import { perSplit } from '@ntk-lens/core';
import { embeddedKShot, loadExamples, loadKShot } from '@ntk-lens/tasks';
import { drawSets } from '../methods/task.js';
import type { Platform } from '../session/platform.js';
import { isDataFile, ownFormatOf } from '../task/own-task.js';

/**
 * The examples of one k-shot sample: of an embedded task, of a k-shot directory, or drawn from one file, where the
 * test set is what the sample leaves over.
 *
 * @throws what the task's reader throws; TooFewExamplesError, NothingLeftError
 */
export const readExamples: Platform['readExamples'] = async (
  spec,
  { data, shots, seed, ...columns },
  splits,
) => {
  if (splits.length === 0) return perSplit(() => []);
  if (data === undefined) return embeddedKShot({ name: spec.name, shots, seed });
  if (!isDataFile(data)) return loadKShot({ task: spec, dataDir: data, shots, seed, splits });
  const { kind, labels } = spec;
  const pool = await loadExamples(data, { ...ownFormatOf(columns), kind, labels });
  return drawSets(pool, spec, { shots, seed }, data);
};
