import type { RunConfig } from '../options/run-config.js';
import type { ChosenFormula } from './chosen-formulas.js';
import { type ChosenSpace, folderOf, isFull, spaceSeedOf } from './chosen-spaces.js';
import type { CellSpace } from './experiment.js';
import type { CellData } from './load-cell.js';
import type { LoadedModel } from './model/opened-model.js';

/** What tells one kernel of an experiment from the others. */
export interface CellKey {
  readonly data: CellData;
  readonly formula: ChosenFormula;
  readonly space: ChosenSpace;
}

/** All kernels of an experiment: sample by sample, in it space by space. */
export const cellKeys = (
  formulas: readonly ChosenFormula[],
  samples: readonly CellData[],
  spaces: readonly ChosenSpace[],
): CellKey[] =>
  samples.flatMap((data) => spaces.flatMap((space) => formulas.map((formula) => ({ data, formula, space }))));

/** Folder of a kernel in a run of several. */
export const cellName = ({ data, formula, space }: CellKey): string =>
  [
    `${data.shots}-${data.seed}-${formula.name}`,
    ...(isFull(space) ? [] : [folderOf(space)]),
    ...(data.withoutPrompt ? ['no-prompt'] : []),
  ].join('-');

/** What a result says of its space; undefined for all parameters. */
export const spaceOf = async (
  config: RunConfig,
  { data, space }: CellKey,
  model: LoadedModel,
): Promise<CellSpace | undefined> => {
  if (isFull(space)) return undefined;
  const seed = spaceSeedOf(config, data);
  const info = await model.describeSpace?.({ spec: space.spec, seed });
  return info && { ...space, seed, ...info };
};
