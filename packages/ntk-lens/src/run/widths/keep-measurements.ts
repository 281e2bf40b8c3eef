import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { storedMeasurement } from '@ntk-lens/lens/stored';
import type { KeepMeasurement, LadderRung } from '@ntk-lens/tensor-programs';
import { version } from '../../version.js';

const FOLDER = 'measurements';

/**
 * Finds the folder of measurements: that of the ladder's models if `pretrain` wrote them; the check's own
 * directory for other models.
 */
const folderOf = async ({ directory, pretrained }: LadderRung, out: string): Promise<string> => {
  const ladder = dirname(directory);
  if (!pretrained || !existsSync(join(ladder, 'ladder.json'))) return join(out, FOLDER);
  const writable = await access(ladder, constants.W_OK).then(
    () => true,
    () => false,
  );
  return join(writable ? ladder : out, FOLDER);
};

/**
 * Keeps what `check --ladder` measures of each model, so that the next check reads it. A measurement of other
 * weights, prompts, learning rates or runtime, or by another version, is made anew.
 *
 * @param out directory of the check
 */
export const keepMeasurements =
  (out: string): KeepMeasurement =>
  async (rung, name, identity, measure) =>
    storedMeasurement(
      join(await folderOf(rung, out), `${basename(rung.directory)}-${name}.json`),
      { ...identity, 'ntk-lens': version, node: process.version },
      measure,
    );
