import { type OptimizerName, optimizerNamed } from '@ntk-lens/subspace/optimizers';
import { readLayers, type Surroundings } from '../../options/layers.js';
import { type GivenOptions, mergeConfig, mergeSettings } from '../../options/resolve-config.js';
import type { RunConfig } from '../../options/run-config.js';
import { defaultFineTuneSettings, type FineTuneSettings } from '../../options/training.js';

/** Everything that a fine-tuning experiment is asked to do. */
export interface FineTuneConfig {
  readonly run: RunConfig;
  readonly training: FineTuneSettings;
}

/** The protocol's grid of an optimizer (docs/theory.md, Fine-tuning). */
export const protocolGrid = (
  optimizer: OptimizerName,
): Pick<FineTuneSettings, 'learningRates' | 'batchSizes'> => ({
  learningRates: [...optimizerNamed(optimizer).learningRates],
  batchSizes: [2, 4, 8],
});

/**
 * Defaults, over them a `config.json` that `ntk-lens finetune` wrote, over it the given options.
 *
 * @param grid the protocol's learning rates and batch sizes, where none are given
 * @throws ConfigFileError, ConflictingOptionsError, MappingSyntaxError
 */
export const resolveFineTune = async (
  given: GivenOptions,
  settings: Partial<FineTuneSettings>,
  grid: boolean,
  file?: string,
  around?: Surroundings,
): Promise<FineTuneConfig> => {
  const layers = await readLayers(file, around, 'training');
  const run = await mergeConfig(given, layers, around !== undefined);
  const merged = mergeSettings(run, layers, settings, around !== undefined);
  const optimizer = merged.optimizer ?? defaultFineTuneSettings.optimizer;
  const grids = grid ? protocolGrid(optimizer) : { learningRates: [optimizerNamed(optimizer).learningRate] };
  return { run, training: { ...defaultFineTuneSettings, ...grids, ...merged } };
};
