import type { GraphCost, MachineWork } from '@ntk-lens/engine';
import type { Method } from '../contract/choose-method.js';
import type { PartPlan } from './part-plan.js';
import type { WeightReads } from './weight-reads.js';

/** The cost of contracting one matrix, summed over all tiles. */
export interface SitePlan {
  readonly stage: string;
  readonly parameter: string;
  readonly inSize: number;
  readonly outSize: number;
  /** Tokens per example that have a cotangent: all of them, or only the one that is read out. */
  readonly tokens: 'all' | 'read-out';
  /** The ways in which it is done, that of the most work first: each tile takes its own. */
  readonly methods: readonly Method[];
  readonly flops: number;
}

/** The work of a kernel computation, counted before anything runs. */
export interface KernelPlan {
  readonly examples: {
    readonly train: number;
    readonly queries: number;
    readonly tokens: number;
    readonly padded: number;
  };
  readonly tiles: readonly { readonly rows: number; readonly columns: number; readonly self: boolean }[];
  /** Passes in which they are computed: tiles of one pass share the work on their rows, and all do where these are kept. */
  readonly sweeps: number;
  /** The work sweep by sweep, for processes that share it. */
  readonly parts: readonly PartPlan[];
  /**
   * FLOPs that are computed once for several parts: the factors of the training examples. With `states` one process does so for
   * all, and else each for its own parts, where the factors stay in memory.
   */
  readonly onceFlops: number;
  /** Factors of the training examples that processes share, as files; absent where each computes its own. */
  readonly states?: { readonly bytes: number; readonly shares: number } | undefined;
  /** Estimated peak of the largest sweep, bytes; the budget it was planned for is not exceeded. */
  readonly peakBytes: number;
  readonly weights: WeightReads;
  /** Forward passes that give the states and logits. */
  readonly forward: GraphCost;
  /** Backward passes that give the gradient factors, and what they compute again of the forward pass. */
  readonly factors: GraphCost;
  readonly sites: readonly SitePlan[];
  /** FLOPs of everything else: biases, LayerNorms, positions, word embeddings (expected matches). */
  readonly otherContractionFlops: number;
  readonly totalFlops: number;
  readonly kept: KeptWork;
  /** The work by parts, in units of the machine's rates; `secondsOfWork` of engine forecasts its time. */
  readonly work: Readonly<Record<WorkPart, MachineWork>>;
}

/** Parts of the work: the passes, the products of gradients, and memory that is touched for the first time. */
export type WorkPart = 'forward' | 'factors' | 'contraction' | 'memory';

/** The values that the budget keeps, and the work that is done again for want of others. */
export interface KeptWork {
  /** Sites whose values the forward pass keeps for the backward pass. */
  readonly sites: readonly string[];
  /** Bytes of these values in the largest sweep. */
  readonly bytes: number;
  /** Bytes of the factors of the training examples, where these are computed once and kept for all tiles; else 0. */
  readonly rowBytes: number;
  /** FLOPs that the backward passes need not compute again, since values are kept. */
  readonly savedFlops: number;
  /** FLOPs of the forward pass that the backward passes compute again. */
  readonly againFlops: number;
  /** FLOPs of both passes on examples that an earlier sweep had, too. */
  readonly tileFlops: number;
  /** FLOPs of gradients that an earlier sweep formed, too. */
  readonly formedFlops: number;
}
