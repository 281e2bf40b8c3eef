import {
  checkTraining,
  files,
  machine,
  measured,
  ownData,
  prompt,
  report,
  severalTasks,
  sharedWork,
  skipping,
  suggestions,
  width,
} from '../../options/all.js';
import { only } from '../../options/declare.js';
import { command } from '../command.js';

export const checkCommand = command({
  name: 'check',
  docs: 'docs/kernel-behaviour.md',
  summary: 'says whether the kernel view holds, with a verdict on each of its conditions',
  description:
    'Fine-tunes on k-shot samples of a task, and computes and solves the kernels that are the analogues of the optimizers. Says for every condition of the kernel view whether it holds, with its statistic, interval over seeds and threshold. Trainings, kernels and measurements are kept: a check that was interrupted goes on, a finished one is read.',
  options: [
    severalTasks,
    ownData,
    suggestions,
    prompt,
    checkTraining,
    measured,
    width,
    only(machine, 'runtime', 'threads', 'memory', 'profile'),
    sharedWork,
    files,
    report,
    skipping,
  ],
  run: async (call) => {
    const { run, check, flags, around, long } = call;
    const { ladder, twoLayer, config: file, out, force, verify } = flags;
    if (ladder && twoLayer) {
      const { ConflictingOptionsError } = await import('../../options/errors.js');
      throw new ConflictingOptionsError(
        '--ladder checks models, and --two-layer needs none.',
        'Leave one of them out.',
      );
    }
    if (twoLayer) {
      const { runTwoLayerCheck } = await import('./check-two-layer.js');
      return runTwoLayerCheck(out);
    }
    if (ladder) {
      const { runLadderCheck } = await import('./check-ladder.js');
      return runLadderCheck(call, ladder, flags);
    }
    const { resolveCheck } = await import('../../run/check/resolve-check.js');
    const { checkWork } = await import('../../run/check/check-experiment.js');
    const { showCheck } = await import('../show-assembled.js');
    const { runsFolder } = await import('../../options/layers.js');
    const config = await resolveCheck(run, check, file, around);
    const { onTasks } = await import('../on-tasks.js');
    const runs = await runsFolder(around);
    const options = { ...long, out, force, verify, runs };
    const { onUnits, sharesWork } = await import('../on-units.js');
    if (sharesWork(flags)) {
      const { planCheck } = await import('../../units/check-units.js');
      return onUnits(call, config.run, options, undefined, (own, planned) =>
        planCheck({ ...config, run: own }, planned),
      );
    }
    return onTasks(call, config.run, options, undefined, checkWork(config), (experiment) =>
      showCheck(experiment, { verify }),
    );
  },
});
