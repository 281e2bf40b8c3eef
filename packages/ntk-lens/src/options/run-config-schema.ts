import type { z } from 'zod';
import { type RunConfig, runFields } from './run-config.js';
import { schemaOf } from './schema.js';

/** `config.json`, the settings of a run. */
export const runConfigSchema: z.ZodType<RunConfig> = schemaOf(runFields);
