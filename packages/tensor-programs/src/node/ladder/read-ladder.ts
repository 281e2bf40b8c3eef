import { existsSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { BadArgumentError } from '@ntk-lens/core';
import { parametrize, readModelConfig } from '@ntk-lens/models';
import type { LadderRung } from '../../ladder/ladder-rung.js';
import { differencesOf, MixedLadderError, NoLadderError } from '../../pretrain/errors.js';
import { modelConfigOf } from '../../pretrain/scheme.js';
import { RUNG_FILE, readRung } from '../pretrain/read-rung.js';

/** A model that `pretrain` wrote, or any other: then its architecture is all that is known of its scheme. */
const rungOf = async (directory: string, seed: number): Promise<LadderRung> => {
  const known = await readRung(directory);
  if (known) {
    const { scheme, width } = known;
    const { parametrization: name, baseWidth } = scheme;
    const config = modelConfigOf(scheme, width);
    // People may edit the config.json of a model, but the model is then none of this scheme.
    const edited = differencesOf({ ...(await readModelConfig(directory)) }, { ...config });
    if (edited.length > 0)
      throw new MixedLadderError(RUNG_FILE, `config.json of ${basename(directory)}`, edited);
    const { learningRateScale } = parametrize(config, { name, baseWidth });
    return {
      ...{ directory, width, seed: known.seed, pretrained: true, scheme: { ...scheme }, learningRateScale },
      hash: known.version === 1 ? known.hash : undefined,
    };
  }
  const { modelType, layers, activation, vocabSize, layerNormEps, tieWordEmbeddings, hiddenSize } =
    await readModelConfig(directory);
  const scheme = { modelType, layers, activation, vocabSize, layerNormEps, tieWordEmbeddings };
  return {
    directory,
    width: hiddenSize,
    seed,
    pretrained: false,
    scheme,
    learningRateScale: () => () => 1,
  };
};

/** Model directories in a ladder's directory; a model directory is its own. */
const modelDirectories = async (directory: string): Promise<string[]> => {
  if (existsSync(join(directory, 'config.json'))) return [directory];
  let names: string[];
  try {
    names = await readdir(directory);
  } catch (cause) {
    throw new NoLadderError(directory, 'no directory that can be read', { cause });
  }
  const found = names.sort().map((name) => join(directory, name));
  const models = found.filter((path) => existsSync(join(path, 'config.json')));
  if (models.length === 0) throw new NoLadderError(directory, 'no models in it');
  return models;
};

/**
 * Finds the models of a ladder.
 *
 * @param directories directories of a ladder that `pretrain` wrote, or of single models, in any mixture
 * @returns by width, then seed
 * @throws NoLadderError; MixedLadderError, which names the fields in which schemes, or a model and its scheme, differ
 */
export const readLadder = async (directories: readonly string[]): Promise<readonly LadderRung[]> => {
  if (directories.length === 0) throw new BadArgumentError('directories', 'none', 'at least one');
  const paths = (await Promise.all(directories.map(modelDirectories))).flat();
  const rungs: LadderRung[] = [];
  for (const path of [...new Set(paths)]) {
    const width = (await readModelConfig(path)).hiddenSize;
    rungs.push(await rungOf(path, rungs.filter((rung) => rung.width === width).length));
  }
  const [first] = rungs;
  for (const rung of rungs) {
    const differences = differencesOf(first!.scheme, rung.scheme);
    if (differences.length > 0)
      throw new MixedLadderError(basename(rung.directory), basename(first!.directory), differences);
  }
  return rungs.sort((a, b) => a.width - b.width || a.seed - b.seed);
};
