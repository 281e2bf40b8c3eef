import type { MachineProfile } from '@ntk-lens/engine';
import { z } from 'zod';

const rate = z.number().positive();

/** A profile as its file and a manifest hold it. */
export const profileSchema: z.ZodType<MachineProfile> = z.object({
  source: z.string().min(1),
  machine: z.object({
    processor: z.string(),
    instructions: z.string(),
    runtime: z.string(),
    version: z.string(),
    threads: z.int().min(1),
  }),
  rates: z.object({
    products: rate,
    thinProducts: rate,
    integerProducts: rate,
    passes: rate,
    newPages: rate,
    secondsPerRun: rate,
    secondsPerProgram: rate,
  }),
});
