import type { ParameterSpace } from '@ntk-lens/subspace';
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
