import { BadArgumentError, isError, type LongTaskOptions, throwIfCancelled } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import { checkLevel } from './compute-kernels.js';
import { computeSweep, type OpenedComputation, openComputation } from './compute-sweep.js';
import type { BlockLevel } from './contract/accumulators.js';
import { LostStatesError } from './errors.js';
import { ResidentScope } from './pass/resident-scope.js';
import { tileNumbers } from './plan/tile-plan.js';
import type { KernelRequest } from './request/kernel-request.js';
import { prepareLargeKernels } from './request/prepare.js';
import { ownClaims, type StateClaims } from './states/claims.js';
import { SharedRows } from './states/shared-rows.js';
import { openTile, tileName, writeTile } from './store/stored-tile.js';
import type { TileStore } from './store/tile-store.js';

/** Parts of a kernel that processes share: each computes some, in any order, into one store. */
export interface KernelParts {
  /** Sweeps of the plan; a part is known by its number from 0. */
  readonly count: number;
  /** Names of the tiles of a part in the store. */
  tilesOf(part: number): readonly string[];
  /** True where all tiles of a part are in the store, and whole. */
  isDone(part: number): Promise<boolean>;
  /** Computes a part, and keeps its tiles. */
  compute(part: number, long?: LongTaskOptions): Promise<void>;
  close(): Promise<void>;
}

/** Times that states which are lost are computed again for a part. */
const MOST_LOSSES = 2;

/**
 * Opens the parts of a kernel. The runtime is opened, and weights are read, with the first part that is computed. The store
 * keeps the factors of training examples that several parts need, where the plan says so. They are computed once, and read by
 * all processes.
 *
 * @example
 * ```ts
 * const parts = await openKernelParts({ ...request, parts: 8, store }, 'sum', () => createRuntime());
 * for (let part = worker; part < parts.count; part += workers) await parts.compute(part);
 * await parts.close();
 * ```
 * @param request `parts` says how many there are at least
 * @param claims by which processes that share the store agree on who computes which states. Default: this one computes all that
 *   are missing
 * @throws what `checkKernelRequest` throws; `compute` throws what `computeKernels` throws
 */
export const openKernelParts = async (
  request: Omit<KernelRequest, 'runtime'> & { readonly store: TileStore },
  level: BlockLevel,
  runtimeOf: () => Promise<Runtime>,
  claims: StateClaims = ownClaims,
): Promise<KernelParts> => {
  checkLevel(request, level);
  const checked = prepareLargeKernels(request);
  const { sweeps } = checked.plan;
  const numbers = tileNumbers(checked.plan);
  let opened:
    | (OpenedComputation & {
        readonly own: KernelRequest;
        readonly scope: ResidentScope;
        readonly rows: SharedRows | undefined;
      })
    | undefined;
  const open = async (long: LongTaskOptions) => {
    const scope = new ResidentScope(await runtimeOf());
    const own = { ...request, ...long, runtime: scope };
    try {
      const computation = await openComputation(own, checked);
      const { states } = checked;
      const rows = states && new SharedRows(computation, states, request.store, claims);
      return { ...computation, own, scope, rows };
    } catch (error) {
      await scope.close();
      throw error;
    }
  };
  const sweepOf = (part: number) => {
    const sweep = sweeps[part];
    if (!sweep) throw new BadArgumentError('part', part, `a whole number from 0 to ${sweeps.length - 1}`);
    return sweep;
  };
  const tilesOf = (part: number) => sweepOf(part).map((planned) => numbers.get(planned)!);
  const close = async (): Promise<void> => {
    const closing = opened;
    opened = undefined;
    await closing?.weights.release();
    await closing?.scope.close();
  };
  return {
    count: sweeps.length,
    tilesOf: (part) => tilesOf(part).map((number) => tileName(level, number)),
    isDone: async (part) => {
      for (const number of tilesOf(part)) if (!(await openTile(request.store, level, number))) return false;
      return true;
    },
    compute: async (part, long = {}) => {
      const sweep = sweepOf(part);
      const label = `part ${part + 1}/${sweeps.length}`;
      for (let lost = 0; ; ) {
        throwIfCancelled(long.signal, 'The kernel computation');
        try {
          opened ??= await open(long);
          const rows = await opened.rows?.of(sweep, part / sweeps.length, long);
          const own = { ...opened.own, ...long };
          for (const [i, tile] of (await computeSweep(opened, own, sweep, level, label, rows)).entries())
            await writeTile(request.store, level, numbers.get(sweep[i]!)!, tile);
          return;
        } catch (error) {
          // Whatever was open may be in disorder, so that the next part opens it anew.
          await close();
          if (!isError(error, LostStatesError) || lost++ === MOST_LOSSES) throw error;
          opened = await open(long);
          await opened.rows?.restore(error.share, long);
        }
      }
    },
    close,
  };
};
