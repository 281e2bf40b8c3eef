import {
  files,
  machine,
  ownData,
  prompt,
  report,
  severalTasks,
  skipping,
  suggestions,
  training,
} from '../../options/all.js';
import { group, only, option } from '../../options/declare.js';
import { toggle } from '../../options/kinds.js';
import { command } from '../command.js';

const grid = group('command', 'Grid', {
  grid: option(
    '--grid',
    toggle,
    "takes the protocol's grid of learning rates and batch sizes if none are given",
  ),
});

export const finetuneCommand = command({
  name: 'finetune',
  summary: 'fine-tunes the model, in full or in a parameter space',
  description:
    'Trains on k-shot samples of a task with the label words of its prompt, keeps what the development set chooses, and tests it. Writes the tuned model or its adapter. An interrupted training goes on when it is started again, to the same bytes.',
  options: [
    severalTasks,
    ownData,
    suggestions,
    prompt,
    training,
    grid,
    only(machine, 'runtime', 'threads', 'memory'),
    files,
    report,
    skipping,
  ],
  run: async (call) => {
    const { run, training: settings, flags, around, long } = call;
    const { config: file, out, force, verify, grid: whole = false } = flags;
    const { resolveFineTune } = await import('../../run/finetune/resolve-fine-tune.js');
    const { fineTuneWork } = await import('../../run/finetune/fine-tune-experiment.js');
    const { fineTuneTable } = await import('../../present/fine-tune-table.js');
    const { leaveFineTuneReport } = await import('../../present/report/leave-report.js');
    const { onTasks } = await import('../on-tasks.js');
    const { runsFolder } = await import('../../options/layers.js');
    const { shownPath } = await import('../../present/shown-path.js');
    const config = await resolveFineTune(run, settings, whole, file, around);
    const runs = await runsFolder(around);
    const options = { ...long, out, force, verify, runs };
    return onTasks(call, config.run, options, undefined, fineTuneWork(config), async (experiment) => ({
      result: experiment,
      shown: [fineTuneTable(experiment)],
      directory: experiment.directory,
      reports: [await leaveFineTuneReport(experiment)],
      notes: experiment.samples.map(({ written }) => `tuned parameters in ${shownPath(written)}`),
    }));
  },
});
