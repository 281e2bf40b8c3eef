import { runtimeNames } from '@ntk-lens/engine';
import type { Platform } from '../session/platform.js';
import { version } from '../version.js';
import { nodeDisk } from './disk/node-disk.js';
import { openKernelStore, readKernelStore } from './kernel-store.js';
import { saveKernel } from './load-kernel.js';
import { machineProfile } from './machine/machine-profile.js';
import { openModel } from './open-model.js';
import { readExamples } from './read-examples.js';

/** Sessions in Node: models and kernels in directories, the Hub and its cache, native runtimes. */
export const nodePlatform: Platform = {
  versions: { '@ntk-lens/lens': version, node: process.version },
  openModel,
  runtimes: runtimeNames,
  readExamples,
  machineProfile,
  openStore: openKernelStore,
  readStore: readKernelStore,
  saveKernel,
  disk: nodeDisk,
};
