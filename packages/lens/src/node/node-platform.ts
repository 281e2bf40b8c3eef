import { BadArgumentError } from '@ntk-lens/core';
import { type RuntimeName, runtimeNames } from '@ntk-lens/engine';
import type { Platform } from '../session/platform.js';
import { version } from '../version.js';
import { nodeDisk } from './disk/node-disk.js';
import { openKernelStore } from './kernel-store.js';
import { saveKernel } from './load-kernel.js';
import { openModel } from './open-model.js';
import { readExamples } from './read-examples.js';

const known: readonly (RuntimeName | 'auto')[] = ['auto', ...runtimeNames];

const runtimeNamed = (name: string): RuntimeName | 'auto' => {
  const found = known.find((other) => other === name);
  if (found === undefined) throw new BadArgumentError('runtime', name, known.join(', '));
  return found;
};

/** Sessions in Node: models and kernels in directories, the Hub and its cache, native runtimes. */
export const nodePlatform: Platform = {
  versions: { '@ntk-lens/lens': version, node: process.version },
  openModel,
  checkRuntime: runtimeNamed,
  createRuntime: async ({ runtime, threads }) => {
    const { createRuntime } = await import('@ntk-lens/engine');
    return createRuntime({ runtime: runtimeNamed(runtime), threads });
  },
  readExamples,
  openStore: openKernelStore,
  saveKernel,
  disk: nodeDisk,
};
