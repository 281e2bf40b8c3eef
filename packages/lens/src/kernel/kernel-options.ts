import type { LongTaskOptions } from '@ntk-lens/core';
import type { KernelFormula } from '@ntk-lens/kernels';
import type { ParameterSpace } from '@ntk-lens/subspace';
import type { RuntimeRecord } from './runtime-record.js';

/** Granularity of the parts of a kernel. */
export type BlockLevel = 'layer' | 'parameter';

/** Definition of a kernel: everything that its numbers depend on in addition to the model and the task. */
export interface KernelChoice {
  /** One of `formulaNames`, or a formula as a value, such as `adam({ state })`. Default: `sgd`. */
  readonly formula?: string | KernelFormula;
  /** Over which the kernel is taken: a space, or its text, such as `lora:r=8`. Default: that of the session. */
  readonly space?: string | ParameterSpace;
  /** Seed for random initialization of the space. Default: the seed of the task, as fine-tuning takes. */
  readonly spaceSeed?: number;
  /** One output, logit₁ − logit₀, instead of one per label; needs two labels. Default: false. */
  readonly binary?: boolean;
  /** Parameters that take part, by globs on Hugging Face names. Default: all. */
  readonly parameters?: { readonly include?: readonly string[]; readonly exclude?: readonly string[] };
  /** The decoder and the word embeddings as one parameter. Default: false, as in the reference. */
  readonly tied?: boolean;
  /** Gradients that are zero except for rounding count in sign kernels, as in the reference. Default: false. */
  readonly keepNoise?: boolean;
  /** Also the kernel of every layer or parameter. */
  readonly blocks?: BlockLevel;
  /** Examples per pass, at most. */
  readonly batch?: number;
}

/** Options of `lens.kernel`. */
export interface KernelOptions extends KernelChoice, LongTaskOptions {
  /**
   * Where the kernel is kept: parts while it is computed, so that an interrupted computation goes on to the same bytes, and
   * the whole at the end, which the next call reads. Default: nowhere.
   */
  readonly directory?: string;
  /** Replace what another kernel left in the directory. Default: it is refused. */
  readonly replace?: boolean;
  /** Put the kernel together from parts that are all in the directory, computed by this runtime; nothing is computed. */
  readonly computedBy?: RuntimeRecord;
}

/** Options of `lens.planParts`. */
export interface PlanPartsOptions extends KernelChoice, LongTaskOptions {
  /** The directory that processes share. */
  readonly directory: string;
  readonly replace?: boolean;
  /** Parts that there are at least, about. */
  readonly parts: number;
}
