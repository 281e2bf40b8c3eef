import { resolveCheck as resolve } from '@ntk-lens/lens';
import type { CheckSettings } from '../../options/check.js';
import { readLayers, type Surroundings } from '../../options/layers.js';
import { type GivenOptions, mergeConfig, mergeSettings } from '../../options/resolve-config.js';
import type { RunConfig } from '../../options/run-config.js';

/** Everything that a check is asked to do. */
export interface CheckConfig {
  readonly run: RunConfig;
  readonly check: CheckSettings;
}

/**
 * Defaults, over them a `config.json` that `ntk-lens check` wrote, over it the given options.
 *
 * @throws ConfigFileError, ConflictingOptionsError, MappingSyntaxError; BadArgumentError for a step that is
 * never taken
 * @internal
 */
export const resolveCheck = async (
  given: GivenOptions,
  settings: Partial<CheckSettings>,
  file?: string,
  around?: Surroundings,
): Promise<CheckConfig> => {
  const layers = await readLayers(file, around, 'check');
  const run = await mergeConfig(given, layers, around !== undefined);
  const { trajectory, ...merged } = mergeSettings(run, layers, settings, around !== undefined);
  const sorted = trajectory && [...trajectory].sort((a, b) => a - b);
  const check = resolve({ ...merged, trajectory: sorted }).settings as CheckSettings;
  return { run, check };
};
