import { files, kernel, machine, ownData, prompt, task } from '../../options/all.js';
import { group, option } from '../../options/declare.js';
import { toggle } from '../../options/kinds.js';
import { command } from '../command.js';

const plan = group('command', 'Plan', {
  explain: option('--explain', toggle, 'prints what would be computed, how, and at what cost, and stops'),
});

export const kernelCommand = command({
  name: 'kernel',
  summary: 'computes kernels and logits only, as .npy files',
  description:
    'Computes the kernels of a task and leaves train.npy, dev.npy, test.npy (float64, [train, logit, query, logit]), logits, labels and manifest.json. "ntk-lens solve" takes the directory.',
  options: [task, ownData, prompt, kernel, machine, files, plan],
  run: async ({ run, flags: { config: file, out, force, verify, explain }, around, long }) => {
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const config = await resolveConfig(run, file, around);
    if (explain) {
      const { explainExperiment } = await import('../../run/explain-experiment.js');
      const { planTable } = await import('../../present/plan-table.js');
      const explained = await explainExperiment(config, long);
      return { result: explained, shown: explained.cells.map((cell) => planTable(explained, cell)) };
    }
    const { runsFolder } = await import('../../options/layers.js');
    const { runExperiment } = await import('../../run/run-experiment.js');
    const { writeOutcome } = await import('../../present/write-outcome.js');
    const { kernelTable } = await import('../../present/kernel-table.js');
    const { spacesTable } = await import('../../present/spaces-table.js');
    const runs = await runsFolder(around);
    const experiment = await runExperiment(config, { ...long, solve: false, out, force, verify, runs });
    await writeOutcome(experiment);
    return {
      result: experiment,
      shown: [kernelTable(experiment), spacesTable(experiment)],
      directory: experiment.directory,
    };
  },
});
