import { join } from 'node:path';
import type { RunConfig } from '../options/run-config.js';
import type { CellKey } from './cell-keys.js';
import { isFull, spaceSeedOf } from './chosen-spaces.js';
import type { KernelRequest } from './model/opened-model.js';
import { tilesName } from './store/run-directory.js';

/** What a run asks of a model for one sample, formula and space. */
export const kernelRequest = (
  config: RunConfig,
  { data, formula, space }: CellKey,
  labelWordIds: readonly number[],
  directory: { readonly path: string; readonly identity: Readonly<Record<string, unknown>> },
  replace: boolean,
): KernelRequest => ({
  examples: data.examples,
  labelWordIds: data.withoutPrompt ? labelWordIds.map((_, label) => label) : labelWordIds,
  ...(data.withoutPrompt && { probe: { labels: data.labels.train, classes: labelWordIds.length } }),
  formula,
  labels: data.gold.train,
  ...(data.range && { range: data.range }),
  ...(!isFull(space) && { space: { spec: space.spec, seed: spaceSeedOf(config, data) } }),
  binary: config.binary,
  runtime: config.runtime,
  ...(config.threads !== undefined && { threads: config.threads }),
  ...(config.memory !== undefined && { memory: config.memory }),
  ...(config.parameters !== undefined && { parameters: config.parameters }),
  // Without the language-model head there is no decoder to tie.
  tied: config.tied && !data.withoutPrompt,
  keepNoise: config.keepNoise,
  ...(config.blocks !== undefined && { blocks: config.blocks }),
  tiles: { directory: join(directory.path, tilesName), identity: directory.identity, replace },
  ...(config.batch !== undefined && { batch: config.batch }),
});
