import { BadArgumentError } from '@ntk-lens/core';
import { defaultTrajectory } from '@ntk-lens/lens/defaults';
import { z } from 'zod';
import { readConfigFile } from '../../options/read-config-file.js';
import { type GivenOptions, mergeConfig } from '../../options/resolve-config.js';
import { type RunConfig, runConfigSchema } from '../../options/run-config.js';
import { withoutUndefined } from '../../options/without-undefined.js';
import { type CheckSettings, checkSettingsSchema, defaultCheckSettings } from './check-settings.js';

/** Everything that a check is asked to do. */
export interface CheckConfig {
  readonly run: RunConfig;
  readonly check: CheckSettings;
}

const fileSchema = z.strictObject({
  run: runConfigSchema.partial(),
  check: checkSettingsSchema.partial(),
});

/**
 * Defaults, over them a `config.json` that `ntk-lens check` wrote, over it what was given besides.
 *
 * @throws ConfigFileError, ConflictingOptionsError, MappingSyntaxError; BadArgumentError for a step that is never taken
 */
export const resolveCheck = async (
  given: GivenOptions,
  settings: Partial<CheckSettings>,
  file?: string,
): Promise<CheckConfig> => {
  const base = file === undefined ? { run: {}, check: {} } : await readConfigFile(file, fileSchema);
  const run = await mergeConfig(given, base.run as Partial<RunConfig>);
  const merged = { ...base.check, ...withoutUndefined(settings) } as Partial<CheckSettings>;
  const steps = merged.steps ?? defaultCheckSettings.steps;
  const check = { ...defaultCheckSettings, trajectory: defaultTrajectory(steps), ...merged };
  const late = check.trajectory.find((step) => step > steps);
  if (late !== undefined) throw new BadArgumentError('--trajectory', late, `steps from 1 to ${steps}`);
  return { run, check };
};
