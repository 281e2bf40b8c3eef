import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { perSplit } from '@ntk-lens/core';
import type { RuntimeRecord } from '@ntk-lens/lens';
import { hasKernels, type RunDirectory, tilesName } from '@ntk-lens/lens/stored';
import type { Cell } from './cells.js';
import type { CellResult } from './experiment.js';
import { fromJson, toJson } from './lossless-json.js';

/** The part of a result that is asked for in addition to the kernel. */
export interface AskedResult {
  readonly solve: boolean;
  /** Solved by products: there are no files of kernels. */
  readonly matrixFree?: boolean;
  /** Zero-shot in other contexts of demonstrations, or calibrated; absent where neither is asked for. */
  readonly variants?: { readonly calibrate: boolean };
}

/** The part of a result that a manifest keeps. It depends on the kernel and the request, and not on the call. */
type Kept = AskedResult & {
  readonly found: Pick<
    CellResult,
    'space' | 'distance' | 'shapes' | 'matrixFree' | 'scores' | 'zeroShotVariants'
  >;
};

/** Keeps a result in the manifest of its directory, which shows it again without the kernel. */
export const keepResult = async (
  directory: RunDirectory,
  asked: AskedResult,
  { space, distance, shapes, matrixFree, scores, zeroShotVariants }: CellResult,
): Promise<void> => {
  const found = { space, distance, shapes, matrixFree, scores, zeroShotVariants };
  await directory.record(toJson({ ...asked, found }) as Record<string, unknown>);
};

/**
 * The result that an earlier call kept; undefined where it found less than is asked for. Only the manifest is read for it.
 *
 * @param files that must be finished in addition to the kernels
 */
export const knownResult = (
  directory: RunDirectory,
  { solve, variants, matrixFree: asMatrixFree = false }: AskedResult,
  { task, formula, space: { name } }: Cell,
  files: readonly string[],
): CellResult | undefined => {
  const { results, environment } = directory.manifest;
  if (results === undefined || environment === undefined) return undefined;
  // Parts of a kernel say that work is left.
  if ((!asMatrixFree && !hasKernels(directory)) || existsSync(join(directory.path, tilesName)))
    return undefined;
  const kept = fromJson(results) as Kept;
  const sameVariants = variants === undefined || kept.variants?.calibrate === variants.calibrate;
  if ((solve && !kept.solve) || !sameVariants || !files.every((file) => directory.has(file)))
    return undefined;
  const { space, distance, shapes, matrixFree, scores, zeroShotVariants } = kept.found;
  const { model: _, versions: __, ...runtime } = environment;
  return {
    ...{ shots: task.shots, seed: task.seed, formula: formula.name, settings: formula.settings },
    space: space && { ...space, name },
    withoutPrompt: task.prompt ? undefined : true,
    directory: directory.path,
    examples: perSplit((split) => task.examples[split].length),
    ...{ shapes, matrixFree },
    scores: solve ? scores : undefined,
    runtime: runtime as unknown as RuntimeRecord,
    ...{ reused: true, seconds: { kernels: 0, solve: 0 } },
    zeroShotVariants: variants && zeroShotVariants,
    distance,
  };
};
