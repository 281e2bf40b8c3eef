import type { MachineProfile } from '@ntk-lens/engine';
import type { KernelTiling, TracedStages } from '@ntk-lens/kernels';
import type { ParameterSpace } from '@ntk-lens/subspace';
import type { OpenedModel, Platform } from './platform.js';
import type { SharedRuntime } from './shared-runtime.js';

/** The state that the methods of a session share. */
export interface Session extends OpenedModel {
  /** Longest sequence in tokens. */
  readonly maxTokens: number;
  readonly objective: 'masked' | 'causal';
  /** Default space of kernels and of fine-tuning. */
  readonly space: ParameterSpace;
  /** Budget in bytes; default: that of the kernels. */
  readonly memory?: number;
  /** The user's own profile of the machine. Default: one that was measured, or the table's. */
  readonly profile?: MachineProfile;
  readonly shared: SharedRuntime;
  readonly platform: Platform;
  /** Costs of stages that plans of this session traced. */
  readonly traced: TracedStages;
  /** Plans of unfinished kernels in directories, by the identity of each and by what its plan depends on. */
  readonly tilings: Map<string, { readonly inputs: string; readonly tiling: KernelTiling }>;
}
