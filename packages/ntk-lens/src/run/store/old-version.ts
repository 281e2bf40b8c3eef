import { RunVersionError } from './errors.js';
import { splitFileNames, splitNames } from './kernel-names.js';
import { type Manifest, runVersion } from './manifest.js';

/** True when the manifest lists the kernel and the labels of every split. */
const hasAllKernels = ({ files }: Manifest): boolean =>
  splitNames.every((split) => {
    const { kernel, labels } = splitFileNames(split);
    return [kernel, labels].every((name) => Object.hasOwn(files, name));
  });

/** What a directory of an earlier version holds, and whether its kernels can still be read. */
const contentOf = (manifest: Manifest): readonly [holds: string, finished: boolean] => {
  const { kind } = manifest.kernel;
  if (kind === 'finetune') return ['a fine-tuning run', false];
  if (kind === 'collection') return ['a run of several kernels', true];
  if (manifest.kernel['source'] !== undefined) return ['kernels of another program', true];
  return hasAllKernels(manifest) ? ['finished kernels', true] : ['unfinished kernels', false];
};

/**
 * Refuses to go on in a directory of an earlier version.
 *
 * @throws RunVersionError, which says what the directory holds and what to do
 */
export const refuseOldVersion = (directory: string, manifest: Manifest): void => {
  if (manifest.version !== runVersion)
    throw RunVersionError.older(directory, manifest.version, runVersion, ...contentOf(manifest));
};

/**
 * Refuses kernels of an earlier version that were never finished: nothing can finish them any more.
 *
 * @throws RunVersionError
 */
export const refuseUnfinishedOld = (directory: string, manifest: Manifest): void => {
  const [, finished] = contentOf(manifest);
  if (!finished) refuseOldVersion(directory, manifest);
};
