import {
  files,
  kernel,
  machine,
  ownData,
  prompt,
  report,
  severalTasks,
  skipping,
  suggestions,
} from '../../options/all.js';
import { group, option } from '../../options/declare.js';
import { toggle } from '../../options/kinds.js';
import { command } from '../command.js';

const plan = group('command', 'Plan', {
  explain: option('--explain', toggle, 'prints the plan of the computation with its cost, and stops'),
});

export const kernelCommand = command({
  name: 'kernel',
  summary: 'computes kernels and logits only, as .npy files',
  description:
    'Computes the kernels of a task and leaves train.npy, dev.npy, test.npy (float64, [train, logit, query, logit]), logits, labels and manifest.json. "ntk-lens solve" takes the directory.',
  options: [severalTasks, ownData, suggestions, prompt, kernel, machine, files, report, plan, skipping],
  run: async (call) => {
    const { run, flags, around, long } = call;
    const { config: file, out, force, verify, explain } = flags;
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const config = await resolveConfig(run, file, around);
    const { checkExperiment } = await import('../../run/prepare-experiment.js');
    const { onTasks } = await import('../on-tasks.js');
    if (explain) {
      const { explainWork } = await import('../../run/explain-experiment.js');
      const { planTable } = await import('../../present/plan-table.js');
      return onTasks(call, config, long, checkExperiment, explainWork, async (explained) => ({
        result: explained,
        shown: explained.cells.map((cell) => planTable(explained, cell)),
      }));
    }
    const { runsFolder } = await import('../../options/layers.js');
    const { experimentWork } = await import('../../run/run-experiment.js');
    const { writeOutcome } = await import('../../present/write-outcome.js');
    const { leaveRunReport } = await import('../../present/report/leave-report.js');
    const { kernelTable } = await import('../../present/kernel-table.js');
    const { spacesTable } = await import('../../present/spaces-table.js');
    const runs = await runsFolder(around);
    const options = { ...long, out, force, verify, runs };
    const work = experimentWork({ solve: false });
    return onTasks(call, config, options, checkExperiment, work, async (experiment) => {
      await writeOutcome(experiment, { verify });
      return {
        result: experiment,
        shown: [kernelTable(experiment), spacesTable(experiment)],
        directory: experiment.directory,
        reports: [await leaveRunReport(experiment, { verify })],
      };
    });
  },
});
