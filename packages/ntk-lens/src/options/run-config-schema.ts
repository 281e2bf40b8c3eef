import type { z } from 'zod';
import { type RunConfig, runFields } from './run-config.js';
import { schemaOf } from './schema.js';

/** `config.json`: what a run was asked to do. */
export const runConfigSchema: z.ZodType<RunConfig> = schemaOf(runFields);
