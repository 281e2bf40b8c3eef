import {
  files,
  kernel,
  machine,
  matrixFree,
  ownData,
  plan,
  prompt,
  report,
  severalTasks,
  sharedWork,
  skipping,
  solver,
  suggestions,
} from '../../options/all.js';
import { command } from '../command.js';

export const runCommand = command({
  name: 'run',
  summary: 'computes kernels, solves them, and compares with majority and zero-shot',
  description:
    'Prompts the examples of a task, computes the exact kernel of the model, solves it with hyperparameters chosen on the development set, and compares it with zero-shot. An interrupted run continues when it is started again.',
  options: [
    severalTasks,
    ownData,
    suggestions,
    prompt,
    kernel,
    machine,
    sharedWork,
    files,
    report,
    solver,
    matrixFree,
    plan,
    skipping,
  ],
  run: async (call) => {
    const { run, flags, around, long } = call;
    const { config: file, out, force, verify, explain } = flags;
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const { runsFolder } = await import('../../options/layers.js');
    const { experimentWork } = await import('../../run/run-experiment.js');
    const { checkExperiment } = await import('../../run/prepare-experiment.js');
    const { onTasks } = await import('../on-tasks.js');
    const { showExperiment } = await import('../show-assembled.js');
    const config = await resolveConfig(run, file, around);
    if (explain) {
      const { explainOnTasks } = await import('../explain.js');
      return explainOnTasks(call, config);
    }
    const runs = await runsFolder(around);
    const options = { ...long, out, force, verify, runs };
    const { onUnits, sharesWork } = await import('../on-units.js');
    if (sharesWork(flags)) {
      if (config.matrixFree) {
        const { ConflictingOptionsError } = await import('../../options/errors.js');
        throw new ConflictingOptionsError(
          '--workers and --plan-units share the tiles of a kernel, and --matrix-free computes none.',
          'Leave one of them out.',
        );
      }
      const { planExperiment } = await import('../../units/experiment-units.js');
      return onUnits(call, config, options, checkExperiment, (own, planned) =>
        planExperiment(own, { ...planned, solve: true }),
      );
    }
    return onTasks(call, config, options, checkExperiment, experimentWork(), (experiment) =>
      showExperiment('run', experiment, { verify }),
    );
  },
});
