import type { LongTaskOptions } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import {
  computeKernels,
  explainKernels,
  type KernelParts,
  type KernelPlan,
  type KernelRequest,
  openKernelParts,
  type StateClaims,
  type TileStore,
} from '@ntk-lens/kernels';
import { OtherRuntimeError, ToleranceError } from '../errors.js';
import type { BlockLevel, KernelChoice, PlanPartsOptions } from '../kernel/kernel-options.js';
import type { RuntimeRecord } from '../kernel/runtime-record.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import { recordOf } from './kernel-request.js';
import { identityIn, levelsOf, openKernelRequest, planInputs } from './open-kernel-request.js';
import { planStored } from './store-kernel.js';

/** The parts of one level of a kernel. */
export interface LevelParts {
  readonly level: 'sum' | BlockLevel;
  /** Names of the tiles of every part, as their directory has them. */
  readonly tiles: readonly (readonly string[])[];
  /** Their counted work; absent for a random subspace, whose work is not counted. */
  readonly plan?: KernelPlan;
}

/** A kernel that several processes share. */
export interface PlannedParts {
  /** The runtime that the plan is for. */
  readonly runtime: RuntimeRecord;
  readonly levels: readonly LevelParts[];
  /** A kernel of the first training examples, by which a process with another runtime is judged. */
  readonly probe: readonly number[];
}

/** Where the parts of a kernel are, and those of which level. */
export interface OpenPartsOptions extends KernelChoice, LongTaskOptions {
  readonly directory: string;
  readonly level: 'sum' | BlockLevel;
  /** The runtime that the parts are planned for. */
  readonly computedBy: RuntimeRecord;
  /** By which processes agree on who computes which states of the training examples. Default: this one computes what is missing. */
  readonly claims?: StateClaims;
  /**
   * Compute with another runtime, too, if the probe that it computes deviates by no more than `tolerance` of its largest entry.
   * Default: another runtime is refused.
   */
  readonly mixed?: {
    readonly probe: readonly number[];
    readonly tolerance: number;
    /** Called with the deviation that was found. */
    readonly onDeviation?: (deviation: number) => void;
  };
}

/** `lens.planParts`: makes the directory of a kernel that several processes compute, and counts their work. */
export const planParts = async (
  session: Session,
  task: LensTask,
  { directory, replace = false, parts, signal, onProgress, ...asked }: PlanPartsOptions,
): Promise<PlannedParts> => {
  const planned = await planStored(session, task, asked);
  const identity = await identityIn(session, task, planned.choice);
  const store = await session.platform.openStore(directory, identity, replace);
  const runtime = await session.shared.open();
  const record = recordOf(runtime);
  const inputs = () => planInputs(session, runtime, parts);
  const request = await openKernelRequest(session, planned, store, record, inputs);
  // All levels have the same work.
  const plan = request.projection ? undefined : explainKernels(request, session.traced);
  const levels: LevelParts[] = [];
  for (const level of levelsOf(planned.choice)) {
    const { count, tilesOf } = await openKernelParts(storing(request), level, async () => runtime);
    levels.push({ level, tiles: Array.from({ length: count }, (_, part) => tilesOf(part)), plan });
  }
  return { runtime: record, levels, probe: await probeOf({ ...request, signal, onProgress }, runtime) };
};

/** `lens.openParts`: parts of a kernel that another process planned. */
export const openParts = async (
  session: Session,
  task: LensTask,
  { directory, level, computedBy, claims, mixed, signal, onProgress, ...asked }: OpenPartsOptions,
): Promise<KernelParts> => {
  const planned = await planStored(session, task, asked);
  const store = await session.platform.readStore(directory, await identityIn(session, task, planned.choice));
  const request = await openKernelRequest(session, planned, store, computedBy, async () => {
    throw new Error('A directory of parts has a plan.');
  });
  const runtimeOf = async () => {
    const runtime = await session.shared.open();
    if (mixed) holdToTolerance(await probeOf(request, runtime), mixed);
    else refuseOtherRuntime(recordOf(runtime), computedBy);
    return runtime;
  };
  return openKernelParts({ ...storing(request), signal, onProgress }, level, runtimeOf, claims);
};

type Storing = Omit<KernelRequest, 'runtime'> & { readonly store: TileStore };

const storing = (request: Omit<KernelRequest, 'runtime'>): Storing => {
  const { store } = request;
  if (!store) throw new Error('A directory of parts has tiles.');
  return { ...request, store };
};

const refuseOtherRuntime = (found: RuntimeRecord, expected: RuntimeRecord): void => {
  const fields = ['runtime', 'version', 'dtype', 'threads'] as const;
  const differing = fields.filter((field) => found[field] !== expected[field]);
  if (differing.length > 0)
    throw new OtherRuntimeError(
      differing.map((field) => `${field}: found ${found[field]}, expected ${expected[field]}`),
    );
};

/** Training examples of a probe. */
const PROBED = 2;

/** The kernel of the first training examples among themselves. */
const probeOf = async (
  { store: _, parts: __, tiling: ___, ...request }: Omit<KernelRequest, 'runtime'>,
  runtime: Runtime,
): Promise<readonly number[]> => {
  const train = request.train.slice(0, PROBED);
  const own = { ...request, runtime, train, queries: {}, labels: request.labels?.slice(0, PROBED) };
  return [...(await computeKernels(own)).train.kernel.data];
};

const holdToTolerance = (
  found: readonly number[],
  { probe, tolerance, onDeviation }: NonNullable<OpenPartsOptions['mixed']>,
): void => {
  const largest = probe.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const deviation = found.reduce((most, x, i) => Math.max(most, Math.abs(x - (probe[i] ?? 0))), 0) / largest;
  if (!(deviation <= tolerance)) throw new ToleranceError(deviation, tolerance);
  onDeviation?.(deviation);
};
