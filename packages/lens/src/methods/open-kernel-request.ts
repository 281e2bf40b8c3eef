import type { Runtime } from '@ntk-lens/engine';
import { type KernelRequest, tileKernels } from '@ntk-lens/kernels';
import { DEFAULT_MEMORY } from '@ntk-lens/models';
import type { KernelIdentity } from '../kernel/kernel.js';
import type { ResolvedChoice } from '../kernel/kernel-choice.js';
import { kernelIdentity } from '../kernel/kernel-identity.js';
import type { BlockLevel } from '../kernel/kernel-options.js';
import type { RuntimeRecord } from '../kernel/runtime-record.js';
import type { KernelStore, PlanInputs } from '../session/platform.js';
import type { Session } from '../session/session.js';
import type { LensTask } from '../task/lens-task.js';
import type { PlannedKernel } from './kernel-request.js';

/** The identity of a kernel in a session. */
export const identityIn = async (
  { model, shared }: Session,
  task: LensTask,
  choice: ResolvedChoice,
): Promise<KernelIdentity> =>
  kernelIdentity(task, choice, { modelHash: await model.hash(), runtime: shared.name });

/** Levels at which a choice is computed: sums of parts are taken, unless something is made of the sums. */
export const levelsOf = ({ blocks, formula }: ResolvedChoice): readonly ('sum' | BlockLevel)[] =>
  blocks === undefined ? ['sum'] : [blocks, ...(formula.finish ? (['sum'] as const) : [])];

/**
 * Completes a request by the plan that its directory records, and the store of its tiles. The plan of a kernel in a directory is
 * made once in a session.
 *
 * @param store absent for a kernel that is kept nowhere
 * @param record the runtime that computes the tiles, or has computed them
 * @param make inputs of a plan that begins now
 */
export const openKernelRequest = async (
  { tilings }: Pick<Session, 'tilings'>,
  { choice, request }: PlannedKernel,
  store: KernelStore | undefined,
  { reason: _, ...numbers }: RuntimeRecord,
  make: () => Promise<PlanInputs>,
): Promise<Omit<KernelRequest, 'runtime'>> => {
  const { memory, profile, parts } = await (store?.plan(make) ?? make());
  const { rates } = profile;
  // Settings that change the parts' borders or their last bits: a resumed computation ends with the same
  // bytes.
  const inputs = { memory, rates, batch: choice.batch, parts };
  const tiles = await store?.tiles({ ...inputs, ...numbers });
  const own = { ...request, memory, rates, parts, store: tiles };
  if (!store) return { ...own, tiling: tileKernels(own) };
  const [key, basis] = [keyOf(store), JSON.stringify(inputs)];
  const known = tilings.get(key);
  const tiling = known?.inputs === basis ? known.tiling : tileKernels(own);
  tilings.set(key, { inputs: basis, tiling });
  return { ...own, tiling };
};

/** Forgets the plan of a kernel that is finished. */
export const forgetTiling = ({ tilings }: Pick<Session, 'tilings'>, store: KernelStore): void => {
  tilings.delete(keyOf(store));
};

const keyOf = ({ identity }: KernelStore): string => JSON.stringify(identity);

/** The inputs of a plan that begins now. */
export const planInputs = async (
  { platform, memory, profile }: Session,
  { info }: Runtime,
  parts?: number,
): Promise<PlanInputs> => ({
  memory: memory ?? DEFAULT_MEMORY,
  profile: await platform.machineProfile(info, profile),
  parts,
});
