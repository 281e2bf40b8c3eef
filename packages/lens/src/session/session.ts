import type { ParameterSpace } from '@ntk-lens/subspace';
import { NoDiskError } from '../errors.js';
import type { Disk } from './disk.js';
import type { OpenedModel, Platform } from './platform.js';
import type { SharedRuntime } from './shared-runtime.js';

/** What the methods of a session work with. */
export interface Session extends OpenedModel {
  /** Longest sequence in tokens. */
  readonly maxTokens: number;
  readonly objective: 'masked' | 'causal';
  /** Of kernels and of fine-tuning that name no other. */
  readonly space: ParameterSpace;
  /** Budget in bytes; absent: that of the kernels. */
  readonly memory?: number;
  readonly shared: SharedRuntime;
  readonly platform: Platform;
}

/** @throws NoDiskError where there is none, as in a page */
export const diskOf = ({ platform }: Session): Disk => {
  if (!platform.disk) throw new NoDiskError();
  return platform.disk;
};
