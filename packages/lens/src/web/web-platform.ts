import { BadArgumentError, type NDArray } from '@ntk-lens/core';
import { knownProfile } from '@ntk-lens/engine';
import { memoryTileStore } from '@ntk-lens/kernels';
import { embeddedKShot } from '@ntk-lens/tasks';
import { UnknownModelError } from '../errors.js';
import type { Kernel, KernelIdentity, StoredKernel } from '../kernel/kernel.js';
import type { KernelStore, PlanInputs, Platform } from '../session/platform.js';
import { version } from '../version.js';
import { openModelFiles } from './open-model-files.js';

/** A folder of a page: it is kept in memory, as long as the page is. */
interface Folder {
  readonly identity: KernelIdentity;
  readonly tiles: Map<string, Readonly<Record<string, NDArray>>>;
  kernel?: StoredKernel;
  plan?: PlanInputs;
}

const folders = new Map<string, Folder>();

const openStore = async (
  directory: string,
  identity: KernelIdentity,
  replace: boolean,
): Promise<KernelStore> => {
  const found = folders.get(directory);
  const same = found && JSON.stringify(found.identity) === JSON.stringify(identity);
  if (found && !same && !replace)
    throw new BadArgumentError('directory', directory, 'one that holds no other kernel, or `replace`');
  const folder: Folder = same ? found : { identity, tiles: new Map() };
  folders.set(directory, folder);
  return {
    identity,
    read: async (level) =>
      folder.kernel && {
        kernel: folder.kernel,
        whole: level === undefined || folder.kernel.blocks?.level === level,
      },
    plan: async (make) => {
      folder.plan ??= await make();
      return folder.plan;
    },
    tiles: async () => memoryTileStore(folder.tiles),
    finish: async (kernel) => {
      folder.kernel = kernel;
      folder.tiles.clear();
    },
  };
};

/** Sessions in a page: the model's files are given, kernels are kept in memory. */
export const webPlatform: Platform = {
  versions: { '@ntk-lens/lens': version },
  openModel: async (model, options) => {
    if (typeof model === 'object') return openModelFiles(model, options);
    throw new UnknownModelError(model ?? 'none', 'a page has no directories', [
      'the contents of its files: { config, weights, tokenizer }',
    ]);
  },
  runtimes: ['ort-web', 'ort-webgpu'],
  readExamples: async (spec, { data, shots, seed }) => {
    if (data === undefined) return embeddedKShot({ name: spec.name, shots, seed });
    throw new BadArgumentError('data', data, 'none in a page: give texts to `lens.examples`');
  },
  // A page does not learn which processor it has.
  machineProfile: async ({ runtime, version, threads }, given) =>
    given ?? knownProfile({ processor: 'unknown', instructions: 'unknown', runtime, version, threads }),
  openStore,
  readStore: (directory, identity) => openStore(directory, identity, false),
  saveKernel: async (kernel, directory, replace) =>
    (await openStore(directory, kernel.identity, replace)).finish(kernel),
};

/**
 * A kernel that was saved in this page.
 *
 * @throws BadArgumentError where there is none of that name
 */
export const loadKernel = async (directory: string): Promise<Kernel> => {
  const kernel = folders.get(directory)?.kernel;
  if (!kernel)
    throw new BadArgumentError('directory', directory, 'one to which a kernel was saved in this page');
  return {
    ...kernel,
    reused: true,
    save: (path, { replace = false } = {}) => webPlatform.saveKernel(kernel, path, replace),
  };
};
