import { perSplit } from '@ntk-lens/core';
import { embeddedKShot, loadExamples, loadKShot } from '@ntk-lens/tasks';
import { drawSets } from '../methods/task.js';
import type { Platform } from '../session/platform.js';
import { isDataFile, ownFormatOf } from '../task/own-task.js';

/**
 * The examples of one k-shot sample. They come from an embedded task or a k-shot directory, or they are drawn
 * from one file, whose remaining examples are the test set.
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
