import { z } from 'zod';
import { checkFields } from './check.js';
import { runFields } from './run-config.js';
import { partialSchemaOf } from './schema.js';
import { training } from './training.js';

/**
 * The content of a project file: options of runs, settings of checks and trainings, and the folder in which
 * runs are made.
 */
export const projectSchema = partialSchemaOf(runFields, {
  $schema: z.string().optional(),
  out: z.string().min(1).optional(),
  check: partialSchemaOf(checkFields).optional(),
  training: partialSchemaOf(training.fields).optional(),
});
