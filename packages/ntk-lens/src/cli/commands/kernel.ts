import {
  files,
  kernel,
  machine,
  ownData,
  plan,
  prompt,
  report,
  severalTasks,
  sharedWork,
  skipping,
  suggestions,
} from '../../options/all.js';
import { command } from '../command.js';

export const kernelCommand = command({
  name: 'kernel',
  summary: 'computes kernels and logits only, as .npy files',
  description:
    'Computes the kernels of a task and leaves train.npy, dev.npy, test.npy (float64, [train, logit, query, logit]), logits, labels and manifest.json. "ntk-lens solve" takes the directory.',
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
    plan,
    skipping,
  ],
  run: async (call) => {
    const { run, flags, around, long } = call;
    const { config: file, out, force, verify, explain } = flags;
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const config = await resolveConfig(run, file, around);
    if (explain) {
      const { explainOnTasks } = await import('../explain.js');
      return explainOnTasks(call, config);
    }
    const { checkExperiment } = await import('../../run/prepare-experiment.js');
    const { onTasks } = await import('../on-tasks.js');
    const { runsFolder } = await import('../../options/layers.js');
    const { experimentWork } = await import('../../run/run-experiment.js');
    const { showExperiment } = await import('../show-assembled.js');
    const runs = await runsFolder(around);
    const options = { ...long, out, force, verify, runs };
    const work = experimentWork({ solve: false });
    const { onUnits, sharesWork } = await import('../on-units.js');
    if (sharesWork(flags)) {
      const { planExperiment } = await import('../../units/experiment-units.js');
      return onUnits(call, config, options, checkExperiment, (own, planned) =>
        planExperiment(own, { ...planned, solve: false }),
      );
    }
    return onTasks(call, config, options, checkExperiment, work, (experiment) =>
      showExperiment('kernel', experiment, { verify }),
    );
  },
});
