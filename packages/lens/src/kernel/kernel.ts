import type { KernelSplit, PerSplit } from '@ntk-lens/core';
import type { LinearProbe } from '@ntk-lens/solvers';
import type { LensTask } from '../task/lens-task.js';
import type { BlockLevel, KernelChoice } from './kernel-options.js';
import type { RuntimeRecord } from './runtime-record.js';

/** A kernel's arrays by set. */
export type KernelSplits = PerSplit<KernelSplit>;

/** The contribution of one layer or parameter to the kernels. */
export type BlockKernels = PerSplit<Pick<KernelSplit, 'kernel' | 'flipped'>>;

/** Kernels of the parts of a network; they add up to the whole, except for formulas that finish it. */
export interface KernelBlocks {
  readonly level: BlockLevel;
  /** By stage or Hugging Face parameter name, from the head to the embeddings. */
  readonly parts: Readonly<Record<string, BlockKernels>>;
}

/** Who made a kernel. */
export interface KernelMaker {
  /** Name of the model; its hash is in the identity. */
  readonly model: string;
  /** Versions of this package, and of Node if it ran there. */
  readonly versions: Readonly<Record<string, string>>;
}

/** The space of a kernel that is not over all parameters. */
export interface SpaceInfo {
  /** With all its options. */
  readonly spec: string;
  /** Seed for random initialization of the space. */
  readonly seed: number;
  /** k: numbers that move. */
  readonly dimension: number;
  /** False where the space's starting point is another function than the model: prefixes, soft prompts, adapters. */
  readonly startsAtModel: boolean;
  /** A random projection of all parameters' gradients, of which the Johnson–Lindenstrauss lemma speaks. */
  readonly projectsAll: boolean;
}

/**
 * Everything that a kernel's numbers depend on, as its manifest records it (docs/formats.md): `task`,
 * `shots`, `seed`, `template`, `labelWords`, `labels`, `metrics`, `formula`, `binary`, `space`, `spaceSeed`,
 * `parameters`, `tied`, `keepNoise`, `dataHash`, `modelHash` and further settings. Kernels of other programs
 * have fewer fields.
 */
export type KernelIdentity = Readonly<Record<string, unknown>>;

/** A kernel as a directory holds it. */
export interface StoredKernel {
  /** `[train, C, query, C]`, the logits at θ₀ and the labels, by set. */
  readonly splits: KernelSplits;
  /** False for kernels of another program that came without logits: there is no zero-shot result then. */
  readonly hasLogits: boolean;
  readonly identity: KernelIdentity;
  /** Kernels of its parts, if they were asked for. */
  readonly blocks?: KernelBlocks;
  /** The head that was fitted, for a task without a prompt; absent for a kernel that was read. */
  readonly head?: LinearProbe;
  /** Absent for kernels of another program. */
  readonly runtime?: RuntimeRecord;
  /** Absent for kernels of another program, or of an earlier version of this one. */
  readonly maker?: KernelMaker;
}

/** An empirical kernel of a task with a full record of its origin, as `lens.kernel` gives it. */
export interface Kernel extends StoredKernel {
  /** Absent for the kernel of all parameters, and for one that was loaded. */
  readonly space?: SpaceInfo;
  /** True where it was read, not computed. */
  readonly reused: boolean;
  /**
   * The task and the choice that it was computed from: new texts are predicted with them. Absent for a kernel
   * that was loaded.
   */
  readonly origin?: { readonly task: LensTask; readonly choice: KernelChoice };
  /**
   * Writes the kernel to a directory, from which `loadKernel` reads it (docs/formats.md).
   *
   * @example
   * ```ts
   * await kernel.save('kernels/sgd');
   * const { test } = await solveKernel(await loadKernel('kernels/sgd'));
   * ```
   * @throws OtherRunError, NotRunDirectoryError for a directory that holds something else, unless `replace` is true
   */
  save(directory: string, options?: { readonly replace?: boolean }): Promise<void>;
}
