import { readFile } from 'node:fs/promises';
import { BadArgumentError } from '@ntk-lens/core';
import { z } from 'zod';
import { ConfigFileError } from '../../options/errors.js';
import { type GivenOptions, resolveConfig } from '../../options/resolve-config.js';
import { type RunConfig, runConfigSchema } from '../../options/run-config.js';
import {
  type CheckSettings,
  checkSettingsSchema,
  defaultCheckSettings,
  defaultTrajectory,
} from './check-settings.js';

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
  const base: z.infer<typeof fileSchema> =
    file === undefined ? { run: {}, check: {} } : await readConfig(file);
  const { mapping, ...rest } = base.run;
  const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const run = await resolveConfig({
    ...(rest as GivenOptions),
    ...(mapping && { mapping: JSON.stringify(mapping) }),
    ...own,
  });
  const chosen = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
  const merged = { ...base.check, ...chosen } as Partial<CheckSettings>;
  const steps = merged.steps ?? defaultCheckSettings.steps;
  const check = { ...defaultCheckSettings, trajectory: defaultTrajectory(steps), ...merged };
  const late = check.trajectory.find((step) => step > steps);
  if (late !== undefined) throw new BadArgumentError('--trajectory', late, `steps from 1 to ${steps}`);
  return { run, check };
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
