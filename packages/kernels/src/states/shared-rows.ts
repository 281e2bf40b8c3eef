import { type LongTaskOptions, zeros } from '@ntk-lens/core';
import { type OpenedComputation, rowRun } from '../compute-sweep.js';
import { LostStatesError } from '../errors.js';
import type { BatchFactors } from '../factors/stage-factors.js';
import { forwardProgress } from '../pass/example-batch.js';
import { runRows } from '../pass/run-rows.js';
import { type KnownRows, tensorsOf } from '../pass/stream-stages.js';
import type { StatesPlan } from '../plan/plan-states.js';
import type { Sweep } from '../plan/tile-plan.js';
import { finishShare, isShareWhole, outputsOf, readStage, writeStage } from '../store/stored-states.js';
import type { TileStore } from '../store/tile-store.js';
import type { StateClaims } from './claims.js';
import { completeShares } from './complete-shares.js';

/** Rows of tiles whose factors processes compute together, once, and read from a store. */
export class SharedRows {
  readonly #opened: OpenedComputation;
  readonly #states: StatesPlan;
  readonly #store: TileStore;
  readonly #claims: StateClaims;
  /** The rows that stay in memory, where the plan keeps them. */
  #kept: KnownRows | undefined;
  /** Factors of the shares that this process computed, stage by stage, until all rows stay in memory. */
  readonly #own = new Map<number, (readonly BatchFactors[])[]>();

  constructor(opened: OpenedComputation, states: StatesPlan, store: TileStore, claims: StateClaims) {
    this.#opened = opened;
    this.#states = states;
    this.#store = store;
    this.#claims = claims;
  }

  /**
   * The rows of a sweep, when all of their shares are there; undefined where they are not shared.
   *
   * @param turn place among all processes, 0 to 1: those that begin at the same time begin with other shares
   * @throws LostStatesError, and so does `factorsOf`
   */
  async of(sweep: Sweep, turn: number, long: LongTaskOptions): Promise<KnownRows | undefined> {
    if (this.#kept) return this.#kept;
    const { rows } = sweep[0]!;
    const shares = this.#sharesOf(rows);
    if (shares.length === 0) return undefined;
    const first = Math.floor(turn * shares.length);
    await this.#complete([...shares.slice(first), ...shares.slice(0, first)], long, (share) =>
      outputsOf(this.#store, share).then((outputs) => outputs !== undefined),
    );
    const outputs = await this.#outputs(rows, shares);
    if (!this.#stay) return { outputs, stay: false, factorsOf: (stage) => this.#read(shares, stage) };
    const factors: (readonly BatchFactors[])[] = [];
    for (const stage of this.#opened.chain.stages.keys()) factors.push(await this.#read(shares, stage));
    this.#own.clear();
    this.#kept = { outputs, stay: true, factorsOf: async (stage) => factors[stage]! };
    return this.#kept;
  }

  /** Computes a share again if it is not whole and nobody else does. */
  async restore(share: number, long: LongTaskOptions): Promise<void> {
    const { length } = this.#opened.chain.stages;
    await this.#complete([share], long, (own) => isShareWhole(this.#store, own, length));
  }

  /** True where the plan keeps the factors of all rows in memory. */
  get #stay(): boolean {
    return this.#opened.prepared.plan.keptRowBytes !== undefined;
  }

  #sharesOf(rows: readonly number[]): readonly number[] {
    return this.#states.shares.flatMap((share, number) => (share.rows === rows ? [number] : []));
  }

  #complete(
    shares: readonly number[],
    long: LongTaskOptions,
    isThere: (share: number) => Promise<boolean>,
  ): Promise<void> {
    return completeShares(shares, {
      ...{ isThere, signal: long.signal, compute: (share) => this.#compute(share, long) },
      claim: (share) => this.#claims.claim(share),
    });
  }

  async #compute(share: number, { onProgress }: LongTaskOptions): Promise<void> {
    const { chain, prepared } = this.#opened;
    const { rows, batches } = this.#states.shares[share]!;
    const label = `training examples ${share + 1}/${this.#states.shares.length}`;
    const { plan, options } = rowRun(prepared, label, { onProgress });
    const examples = rows.map((i) => prepared.examples[i]!);
    const own: (readonly BatchFactors[])[] = [];
    const keep = async (stage: number, factors: readonly BatchFactors[]) => {
      await writeStage(chain.runtime, this.#store, share, stage, factors);
      if (this.#stay) own[stage] = factors;
      else chain.runtime.release(factors.flatMap(tensorsOf));
    };
    const onStage = forwardProgress(chain, label, onProgress);
    const outputs = await runRows(chain, examples, { ...plan, batches }, options, keep, onStage);
    await finishShare(this.#store, share, outputs);
    if (this.#stay) this.#own.set(share, own);
  }

  async #read(shares: readonly number[], stage: number): Promise<readonly BatchFactors[]> {
    const { chain, prepared } = this.#opened;
    const factors: BatchFactors[] = [];
    for (const share of shares) {
      const own = this.#own.get(share);
      if (own) {
        factors.push(...own[stage]!);
        continue;
      }
      const { rows, batches } = this.#states.shares[share]!;
      const named = batches.map(({ indices, length }) => ({
        ...{ indices, length },
        ids: indices.map((i) => prepared.examples[rows[i]!]!.inputIds),
      }));
      const found = await readStage(chain.runtime, this.#store, share, stage, named);
      if (!found) throw new LostStatesError(share);
      factors.push(...found);
    }
    return factors;
  }

  async #outputs(rows: readonly number[], shares: readonly number[]): Promise<KnownRows['outputs']> {
    const outputs = this.#opened.prepared.logitWeights.length;
    const joined = zeros('float64', [rows.length, outputs]);
    for (const share of shares) {
      const own = await outputsOf(this.#store, share);
      if (!own) throw new LostStatesError(share);
      for (const i of this.#states.shares[share]!.batches.flatMap(({ indices }) => indices))
        joined.data.set(own.data.subarray(i * outputs, (i + 1) * outputs), i * outputs);
    }
    return joined;
  }
}
