import { join, relative } from 'node:path';
import type { ResolvedTraining } from '@ntk-lens/lens';
import { RunDirectory } from '@ntk-lens/lens/stored';
import { fromJson, toJson } from '../lossless-json.js';
import type { TunedSample } from './tuned-sample.js';

type Grid = Pick<ResolvedTraining, 'learningRates' | 'batchSizes' | 'trajectory'>;

const gridOf = ({ learningRates, batchSizes, trajectory }: Grid): Grid => ({
  ...{ learningRates, batchSizes, trajectory },
});

/** Keeps the findings on a sample in the manifest, which shows them again without the training. */
export const keepSample = async (
  path: string,
  name: string,
  training: Grid,
  { directory: _, ...found }: TunedSample,
): Promise<void> => {
  const directory = (await RunDirectory.read(path))!;
  const points = found.grid.map((point) => ({ ...point, seconds: 0 }));
  const kept = { ...found, grid: points, written: relative(path, found.written), asked: gridOf(training) };
  await directory.record({ ...directory.manifest.results, [name]: toJson(kept) });
};

/** The findings of an earlier call on a sample with the same grid; only the manifest is read for them. */
export const knownSample = async (
  path: string,
  name: string,
  training: Grid,
  directory: string,
): Promise<TunedSample | undefined> => {
  const results = (await RunDirectory.read(path))?.manifest.results;
  if (results?.[name] === undefined) return undefined;
  const { asked, shots, seed, ...kept } = fromJson(results[name]) as Omit<TunedSample, 'directory'> & {
    readonly asked: Grid;
  };
  if (JSON.stringify(asked) !== JSON.stringify(gridOf(training))) return undefined;
  return { shots, seed, directory, ...kept, written: join(path, kept.written) };
};
