import { splitNames } from '@ntk-lens/core';
import { splitFileNames } from '../../kernel/kernel-files.js';
import { RunVersionError } from './errors.js';
import { type Manifest, runVersion } from './manifest.js';

/** True when the manifest lists the kernel and the labels of every split. */
const hasAllKernels = ({ files }: Manifest): boolean =>
  splitNames.every((split) => {
    const { kernel, labels } = splitFileNames(split);
    return [kernel, labels].every((name) => Object.hasOwn(files, name));
  });

/** The content of a directory of an earlier version, and its remaining use. */
interface OldContent {
  readonly holds: string;
  readonly use: string;
  /** True for kernels that were never finished. */
  readonly unfinished?: true;
}

const readable =
  '"ntk-lens solve" and "ntk-lens convert" still read these kernels, but no run can continue here.';

const contentOf = (manifest: Manifest): OldContent => {
  const { kind, source } = manifest.kernel;
  if (kind === 'finetune') {
    const use = 'The models and adapters in it can still be used, but no training can continue here.';
    return { holds: 'a fine-tuning run', use };
  }
  if (kind === 'collection') return { holds: 'a run of several kernels', use: readable };
  if (source !== undefined) return { holds: 'kernels of another program', use: readable };
  if (hasAllKernels(manifest)) return { holds: 'finished kernels', use: readable };
  const use = 'This program cannot continue unfinished work of that version.';
  return { holds: 'unfinished kernels', use, unfinished: true };
};

/**
 * Refuses to go on in a directory of an earlier version.
 *
 * @throws RunVersionError, which says what the directory holds and what to do
 */
export const refuseOldVersion = (directory: string, manifest: Manifest): void => {
  if (manifest.version === runVersion) return;
  const { holds, use } = contentOf(manifest);
  throw RunVersionError.older(directory, manifest.version, runVersion, holds, use);
};

/**
 * Refuses kernels of an earlier version that were never finished: nothing can finish them any more.
 *
 * @throws RunVersionError
 */
export const refuseUnfinishedOld = (directory: string, manifest: Manifest): void => {
  if (contentOf(manifest).unfinished) refuseOldVersion(directory, manifest);
};
