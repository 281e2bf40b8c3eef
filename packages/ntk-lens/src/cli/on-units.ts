import { ConflictingOptionsError } from '../options/errors.js';
import type { RunConfig } from '../options/run-config.js';
import type { DirectoryOptions } from '../run/run-directory.js';
import { runsByTask } from '../run/several/runs-by-task.js';
import { assembleUnits } from '../units/assemble.js';
import { placesOf } from '../units/places.js';
import type { PlannedUnits } from '../units/plan-units.js';
import { runWorkers } from '../units/run-workers.js';
import { shareOfMachine } from '../units/share-of-machine.js';
import { plannedTable } from '../units/tables.js';
import type { Call, Outcome } from './command.js';
import { onOwnData } from './own-data.js';
import { showAssembled } from './show-assembled.js';

/** Workers that work is cut for where no number is given. */
const USUAL_WORKERS = 8;

/** The part of a call that decides on units. */
interface UnitFlags {
  readonly yes?: boolean;
  readonly workers?: number;
  readonly planUnits?: boolean;
}

/** True where work is shared by several processes. */
export const sharesWork = ({ workers, planUnits }: UnitFlags): boolean =>
  planUnits === true || workers !== undefined;

type Plan = (
  config: RunConfig,
  options: DirectoryOptions & { readonly workers: number },
) => Promise<PlannedUnits>;

/** Plans work on one task for several processes; without `planUnits` it is also computed, by processes of this machine. */
export const onUnits = async (
  call: Omit<Call<unknown>, 'flags'> & { readonly flags: UnitFlags },
  config: RunConfig,
  options: DirectoryOptions,
  check: ((config: RunConfig) => void) | undefined,
  plan: Plan,
): Promise<Outcome> => {
  if (runsByTask(config).length > 1)
    throw new ConflictingOptionsError(
      '`task` names several tasks, and units are planned for one.',
      'Give one task, or plan each in a directory of its own.',
    );
  return onOwnData(call, config, check, (completed) => sharedByProcesses(call, completed, options, plan));
};

/** The same for a configuration that is complete. */
export const sharedByProcesses = async (
  { flags: { planUnits, workers = USUAL_WORKERS }, long }: Pick<Call<UnitFlags>, 'flags' | 'long'>,
  config: RunConfig,
  options: DirectoryOptions,
  plan: Plan,
): Promise<Outcome> => {
  const own = planUnits ? config : shareOfMachine(config, workers);
  const planned = await plan(own, { ...options, workers });
  const { directory, units } = planned;
  const places = placesOf(config, units);
  if (planUnits)
    return {
      result: { directory, ...units },
      shown: [plannedTable(planned)],
      directory,
    };
  await runWorkers(planned, { ...long, workers, places });
  return showAssembled(await assembleUnits(directory, { ...long, places }));
};
