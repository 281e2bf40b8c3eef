import { z } from 'zod';
import { readConfigFile } from '../../options/read-config-file.js';
import { type GivenOptions, mergeConfig } from '../../options/resolve-config.js';
import { type RunConfig, runConfigSchema } from '../../options/run-config.js';
import { withoutUndefined } from '../../options/without-undefined.js';
import {
  defaultFineTuneSettings,
  defaultLearningRate,
  type FineTuneSettings,
  fineTuneSettingsSchema,
  protocolGrid,
} from './fine-tune-settings.js';

/** Everything that a fine-tuning experiment is asked to do. */
export interface FineTuneConfig {
  readonly run: RunConfig;
  readonly training: FineTuneSettings;
}

const fileSchema = z.strictObject({
  run: runConfigSchema.partial(),
  training: fineTuneSettingsSchema.partial(),
});

/**
 * Defaults, over them a `config.json` that `ntk-lens finetune` wrote, over it what was given besides.
 *
 * @param grid the protocol's learning rates and batch sizes, where none are given
 * @throws ConfigFileError, ConflictingOptionsError, MappingSyntaxError
 */
export const resolveFineTune = async (
  given: GivenOptions,
  settings: Partial<FineTuneSettings>,
  grid: boolean,
  file?: string,
): Promise<FineTuneConfig> => {
  const base = file === undefined ? { run: {}, training: {} } : await readConfigFile(file, fileSchema);
  const run = await mergeConfig(given, base.run as Partial<RunConfig>);
  const merged = { ...base.training, ...withoutUndefined(settings) } as Partial<FineTuneSettings>;
  const optimizer = merged.optimizer ?? defaultFineTuneSettings.optimizer;
  const grids = grid ? protocolGrid(optimizer) : { learningRates: [defaultLearningRate(optimizer)] };
  return { run, training: { ...defaultFineTuneSettings, ...grids, ...merged } };
};
