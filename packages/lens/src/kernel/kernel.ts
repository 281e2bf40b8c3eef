import type { KernelSplit } from '@ntk-lens/core';
import type { LinearProbe } from '@ntk-lens/solvers';
import type { LensTask, PerSplit } from '../task/lens-task.js';
import type { KernelChoice } from './kernel-options.js';

/** A kernel's arrays by set. */
export type KernelSplits = PerSplit<KernelSplit>;

/** The contribution of one layer or parameter to the kernels. */
export type BlockKernels = PerSplit<Pick<KernelSplit, 'kernel' | 'flipped'>>;

/** What computed a kernel; kept with it. */
export interface RuntimeRecord {
  readonly runtime: string;
  readonly version: string;
  readonly dtype: string;
  readonly threads: number;
  readonly reason: string;
  /** How the linear-probe head was fitted, where there is one. */
  readonly probe?: { readonly penaltyC: number; readonly warnings: readonly string[] };
  /** Name of the model; its hash is among what the kernel depends on. */
  readonly model?: string;
  /** Versions of this package and of Node. */
  readonly versions?: Readonly<Record<string, string>>;
}

/**
 * Everything that a kernel's numbers depend on, as its manifest records it (docs/formats.md): `task`, `shots`, `seed`,
 * `template`, `labelWords`, `labels`, `metrics`, `formula`, `binary`, `space`, `parameters`, `tied`, `keepNoise`,
 * `dataHash`, `modelHash` and what was set besides. Kernels of other programs have fewer fields.
 */
export type KernelIdentity = Readonly<Record<string, unknown>>;

/** An empirical kernel of a task with everything that says where it is from: what `lens.kernel` gives. */
export interface Kernel {
  /** `[train, C, query, C]`, the logits at θ₀ and the labels, by set. */
  readonly splits: KernelSplits;
  /** By stage or Hugging Face parameter name, if they were asked for. */
  readonly blocks?: Readonly<Record<string, BlockKernels>>;
  /** The head that was fitted, for a task without a prompt. */
  readonly head?: LinearProbe;
  /** False for kernels of another program that came without logits: there is no zero-shot result then. */
  readonly hasLogits: boolean;
  readonly identity: KernelIdentity;
  /** Absent for kernels of another program. */
  readonly runtime?: RuntimeRecord;
  /** True where it was read from its directory. */
  readonly reused: boolean;
  /** Of what it was computed: new texts are predicted with it. Absent for a kernel that was loaded. */
  readonly origin?: { readonly task: LensTask; readonly choice: KernelChoice };
}
