import { join } from 'node:path';
import type { Formula } from '@ntk-lens/core';
import type { RunConfig } from '../options/run-config.js';
import type { CellData } from './load-cell.js';
import type { KernelRequest } from './model/opened-model.js';
import { tilesName } from './store/run-directory.js';

/** What a run asks of a model for one sample and formula. */
export const kernelRequest = (
  config: RunConfig,
  data: CellData,
  formula: Formula,
  labelWordIds: readonly number[],
  directory: { readonly path: string; readonly identity: Readonly<Record<string, unknown>> },
  replace: boolean,
): KernelRequest => ({
  examples: data.examples,
  labelWordIds: data.withoutPrompt ? labelWordIds.map((_, label) => label) : labelWordIds,
  ...(data.withoutPrompt && { probe: { labels: data.labels.train, classes: labelWordIds.length } }),
  formula,
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
