import { kernel, machine, task, workerShare } from '../../options/all.js';
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
    'Computes units of a directory that --plan-units of another command left, and nothing else. Units that are finished stay, so a worker that was stopped is started again, and two with one index do no harm. A last call with --assemble puts the results together. Models and data that lie outside of the directory are given again, and compared with the plan.',
  options: [workerShare, places],
  run: async ({ flags, long, around, onUnits }) => {
    const { units: directory, index: share, slurm, assemble, mixed, retry, ...given } = flags;
    if ([share, slurm, assemble].filter((one) => one !== undefined).length !== 1) {
      const { ConflictingOptionsError } = await import('../../options/errors.js');
      throw new ConflictingOptionsError(
        'A worker computes a share, or it puts results together.',
        'Give one of --index, --slurm and --assemble.',
      );
    }
    const { resolve } = await import('node:path');
    const path = resolve(directory);
    if (assemble) {
      const { assembleUnits } = await import('../../units/assemble.js');
      const { showAssembled } = await import('../show-assembled.js');
      return showAssembled(await assembleUnits(path, { ...long, places: given }));
    }
    const own = { ...long, places: given, mixed, retry, onUnit: onUnits };
    const { runElement } = await import('../../units/slurm/run-element.js');
    const { runWorker } = await import('../../units/run-worker.js');
    const worked = slurm
      ? await runElement(path, { ...own, env: around.env })
      : await runWorker(path, { ...own, ...share! });
    const { workedTable } = await import('../../units/tables.js');
    return { result: worked, shown: [workedTable(worked)] };
  },
});
