import { files, kernel, machine, ownData, prompt, report, suggestions, task } from '../../options/all.js';
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
  options: [task, ownData, suggestions, prompt, kernel, machine, files, report, plan],
  run: async (call) => {
    const { run, flags, around, long } = call;
    const { config: file, out, force, verify, explain } = flags;
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const config = await resolveConfig(run, file, around);
    const { checkExperiment } = await import('../../run/prepare-experiment.js');
    const { onOwnData } = await import('../own-data.js');
    if (explain) {
      const { explainExperiment } = await import('../../run/explain-experiment.js');
      const { planTable } = await import('../../present/plan-table.js');
      return onOwnData(call, config, checkExperiment, async (completed, { lens }) => {
        const explained = await explainExperiment(completed, { ...long, lens });
        return { result: explained, shown: explained.cells.map((cell) => planTable(explained, cell)) };
      });
    }
    const { runsFolder } = await import('../../options/layers.js');
    const { runExperiment } = await import('../../run/run-experiment.js');
    const { writeOutcome } = await import('../../present/write-outcome.js');
    const { leaveRunReport } = await import('../../present/report/leave-report.js');
    const { kernelTable } = await import('../../present/kernel-table.js');
    const { spacesTable } = await import('../../present/spaces-table.js');
    const runs = await runsFolder(around);
    return onOwnData(call, config, checkExperiment, async (completed, { lens }) => {
      const options = { ...long, lens, solve: false, out, force, verify, runs };
      const experiment = await runExperiment(completed, options);
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
