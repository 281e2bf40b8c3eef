import type { EncodedExample, KernelSplit, LongTaskOptions, SplitName, Tokenizer } from '@ntk-lens/core';
import type { KernelFormula, KernelPlan } from '@ntk-lens/kernels';
import type { ReadSecondMomentOptions, SecondMoment } from '@ntk-lens/models';
import type { LinearProbe } from '@ntk-lens/solvers';
import type { ForwardPasses } from './forward-passes.js';

import type { ProbeRequest } from './probe-head.js';
import type { SpaceInfo, SpaceRequest } from './space-request.js';

/** A model as a run needs it: what prompts depend on, and later, on demand, its weights. */
export interface OpenedModel {
  /** For tables: a Hub name or the last part of the directory. */
  readonly name: string;
  readonly directory: string;
  readonly tokenizer: Tokenizer;
  /** Longest sequence in tokens. */
  readonly maxTokens: number;
  readonly objective: 'masked' | 'causal';
  /**
   * Opens the state of an optimizer that trained the model, and checks its names and shapes; reads no weights. Absent: the
   * model takes none.
   */
  openOptimizerState?(file: string, options: ReadSecondMomentOptions): Promise<SecondMoment>;
  /** Opens the weights: names and shapes are checked. */
  load(): Promise<LoadedModel>;
}

export interface LoadedModel {
  /** SHA-256 of configuration and weights. */
  readonly hash: string;
  readonly parameters: number;
  /** Starts the runtime with the first call and keeps it. */
  computeKernels(request: KernelRequest, options: LongTaskOptions): Promise<ComputedKernels>;
  /** Refuses what `computeKernels` would refuse before any work; absent: nothing to refuse. */
  check?(request: KernelRequest): Promise<void>;
  /** Plans `computeKernels` and runs nothing but a measurement of the runtime; absent: there is no plan. */
  explain?(request: KernelRequest, options: LongTaskOptions): Promise<ExplainedKernels>;
  /** What a parameter space is of this model; absent: there are none. */
  describeSpace?(space: SpaceRequest): Promise<SpaceInfo>;
  /** Passes without gradients, on the same runtime. */
  readonly forward: ForwardPasses;
  close(): Promise<void>;
}

export interface KernelRequest {
  readonly examples: Readonly<Record<SplitName, readonly EncodedExample[]>>;
  /** Token ids of the label words, in label order; labels 0 … C−1 with a `probe`. */
  readonly labelWordIds: readonly number[];
  /** The network with a linear head fitted to the training examples in place of the language-model head. */
  readonly probe?: ProbeRequest;
  readonly formula: KernelFormula;
  /** Of the training examples: indices, or scores in `range`. */
  readonly labels: readonly number[];
  readonly range?: readonly [number, number];
  /** Over which the kernel is taken; absent: all parameters. */
  readonly space?: SpaceRequest;
  readonly binary: boolean;
  readonly runtime: string;
  readonly threads?: number;
  readonly memory?: number;
  readonly batch?: number;
  readonly parameters?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  readonly tied: boolean;
  readonly keepNoise: boolean;
  /** Also the kernel of every layer or parameter. */
  readonly blocks?: BlockLevel;
  /** Where finished parts are kept until the whole is; `identity` says of what, `replace` drops other parts. */
  readonly tiles: {
    readonly directory: string;
    readonly identity: Readonly<Record<string, unknown>>;
    readonly replace: boolean;
  };
}

export interface ComputedKernels {
  readonly splits: Readonly<Record<SplitName, Omit<KernelSplit, 'labels'>>>;
  /** By stage or Hugging Face parameter name, if they were asked for. */
  readonly blocks?: Readonly<Record<string, BlockKernels>>;
  readonly runtime: RuntimeRecord;
  /** The head that was fitted, if one was asked for. */
  readonly head?: LinearProbe;
}

/** Granularity of {@link ComputedKernels.blocks}. */
export type BlockLevel = 'layer' | 'parameter';

/** The contribution of one layer or parameter to the kernels. */
export type BlockKernels = Readonly<Record<SplitName, Pick<KernelSplit, 'kernel' | 'flipped'>>>;

/** What a kernel computation will do, and how fast the runtime that will do it multiplies. */
export interface ExplainedKernels {
  readonly plan: KernelPlan;
  readonly runtime: RuntimeRecord;
  /** float32 matrix products measured a moment ago, GFLOP/s. */
  readonly gemmGflops: number;
}

/** What computed the kernels; kept with them. */
export interface RuntimeRecord {
  readonly runtime: string;
  readonly version: string;
  readonly dtype: string;
  readonly threads: number;
  readonly reason: string;
  /** How the linear-probe head was fitted, where there is one. */
  readonly probe?: { readonly penaltyC: number; readonly warnings: readonly string[] };
}
