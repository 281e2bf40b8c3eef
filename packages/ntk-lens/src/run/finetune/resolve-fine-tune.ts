import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { ConfigFileError } from '../../options/errors.js';
import { type GivenOptions, resolveConfig } from '../../options/resolve-config.js';
import { type RunConfig, runConfigSchema } from '../../options/run-config.js';
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
  const base: z.infer<typeof fileSchema> =
    file === undefined ? { run: {}, training: {} } : await readConfig(file);
  const { mapping, ...rest } = base.run;
  const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const run = await resolveConfig({
    ...(rest as GivenOptions),
    ...(mapping && { mapping: JSON.stringify(mapping) }),
    ...own,
  });
  const chosen = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const merged = { ...base.training, ...chosen } as Partial<FineTuneSettings>;
  const optimizer = merged.optimizer ?? defaultFineTuneSettings.optimizer;
  const grids = grid ? protocolGrid(optimizer) : { learningRates: [defaultLearningRate(optimizer)] };
  return { run, training: { ...defaultFineTuneSettings, ...grids, ...merged } };
};

const readConfig = async (file: string): Promise<z.infer<typeof fileSchema>> => {
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new ConfigFileError(file, `no readable JSON (${(cause as Error).message})`, { cause });
  }
  const parsed = fileSchema.safeParse(json);
  if (parsed.success) return parsed.data;
  throw new ConfigFileError(file, z.prettifyError(parsed.error).replaceAll('\n', ' ').replaceAll('✖ ', ''));
};
