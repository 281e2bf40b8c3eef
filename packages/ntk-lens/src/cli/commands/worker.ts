import { kernel, machine, task, workerQueue, workerShare } from '../../options/all.js';
import { group } from '../../options/declare.js';
import { command } from '../command.js';

const { model, data } = task.fields;
const { optimizerState, optimizerNames } = kernel.fields;
/** A manifest names no path outside of its directory. */
export const places = group('command', 'Places', {
  model: { ...model, unset: "the plan's" },
  data: { ...data, unset: "the plan's" },
  optimizerState: { ...optimizerState, unset: "the plan's" },
  optimizerNames: { ...optimizerNames, unset: "the plan's" },
  profile: { ...machine.fields.profile, env: undefined, unset: "the plan's" },
});

export const workerCommand = command({
  name: 'worker',
  docs: 'docs/scale.md',
  summary: 'computes a share of work that was planned for several processes',
  description:
    'Computes its share of the units that another command planned in a directory with --plan-units, and nothing else. Finished units are kept, so a stopped worker can be started again, and two workers with the same index do no harm. A last call with --assemble puts the results together. Models and data that lie outside of the directory are given again, and are compared with the plan.',
  options: [workerShare, workerQueue, places],
  run: async ({ flags, long, around, onUnits, say }) => {
    const { units: directory, index: share, slurm, assemble, mixed, retry, ...others } = flags;
    const { redis, redisCa, lease, store, storeEndpoint, ...given } = others;
    if ([share, slurm, redis, assemble].filter((one) => one !== undefined).length !== 1) {
      const { ConflictingOptionsError } = await import('../../options/errors.js');
      throw new ConflictingOptionsError(
        'A worker computes a share, takes units from a queue, or puts the results together.',
        'Give one of --index, --slurm, --redis and --assemble.',
      );
    }
    if (store !== undefined && !assemble && redis === undefined) {
      const { ConflictingOptionsError } = await import('../../options/errors.js');
      throw new ConflictingOptionsError(
        '`store` needs a queue. Workers with --index or --slurm leave their results in the directory, which all of them share.',
        'Give --redis, or leave --store out.',
      );
    }
    const { resolve } = await import('node:path');
    const path = resolve(directory);
    if (assemble) {
      if (store !== undefined) {
        const { fetchUnits, openStore } = await import('../../units/queue/store.js');
        await fetchUnits(path, (await openStore({ store, storeEndpoint }))!);
      }
      const { assembleUnits } = await import('../../units/assemble.js');
      const { showAssembled } = await import('../show-assembled.js');
      return showAssembled(await assembleUnits(path, { ...long, places: given }));
    }
    const { workedTable } = await import('../../units/tables.js');
    const own = { ...long, places: given, mixed, retry, onUnit: onUnits };
    if (redis !== undefined) {
      const { REDIS_PASSWORD } = await import('../../options/queue.js');
      const { runQueueWorker } = await import('../../units/queue/run-queue-worker.js');
      const password = around.env[REDIS_PASSWORD];
      const worked = await runQueueWorker(path, {
        ...own,
        redis,
        password,
        redisCa,
        lease,
        store,
        storeEndpoint,
        say,
      });
      return { result: worked, shown: [workedTable(worked)] };
    }
    if (slurm) {
      const { runElement } = await import('../../units/slurm/run-element.js');
      const worked = await runElement(path, { ...own, env: around.env });
      return { result: worked, shown: [workedTable(worked)] };
    }
    const { runWorker } = await import('../../units/run-worker.js');
    const worked = await runWorker(path, { ...own, ...share! });
    return { result: worked, shown: [workedTable(worked)] };
  },
});
