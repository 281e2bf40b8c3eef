import {
  addExperimentOptions,
  type ExperimentFlags,
  givenOptions,
} from '../../options/experiment-options.js';
import { addSolverOptions, type SolverFlags } from '../../options/solver-options.js';
import { addTableOption, type TableFlags } from '../../options/table-options.js';
import { shownPath } from '../../present/shown-path.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

type Flags = ExperimentFlags & SolverFlags & TableFlags & GlobalFlags;

export const runCommand: CommandModule = {
  register(program, context) {
    const command = program
      .command('run')
      .summary('kernels, solved: a table of majority, zero-shot and kernel results')
      .description(
        'Prompts the examples of a task, computes the exact kernel of the model, solves it with hyperparameters chosen on the development set, and compares with zero-shot. An interrupted run continues when it is started again.',
      );
    const withOptions = addTableOption(addSolverOptions(addExperimentOptions(command)));
    addOutputOptions(withOptions).action(async (flags: Flags) => {
      const { resolveConfig } = await import('../../options/resolve-config.js');
      const { runExperiment } = await import('../../run/run-experiment.js');
      const { writeOutcome } = await import('../../present/write-outcome.js');
      const { experimentTable } = await import('../../present/results-table.js');
      const { spacesTable } = await import('../../present/spaces-table.js');
      const { renderTable } = await import('../../present/render-table.js');
      const config = await resolveConfig(givenOptions(flags), flags.config);
      const experiment = await withProgress(context, flags, (options) =>
        runExperiment(config, {
          ...options,
          ...(flags.out !== undefined && { out: flags.out }),
          ...(flags.force !== undefined && { force: flags.force }),
        }),
      );
      await writeOutcome(experiment);
      if (flags.json) {
        context.stdout.write(`${JSON.stringify(experiment)}\n`);
        return;
      }
      const color = useColor(context.stdout, context.env);
      context.stdout.write(renderTable(experimentTable(experiment), flags.table, color));
      const spaces = spacesTable(experiment);
      if (spaces) context.stdout.write(renderTable(spaces, flags.table, color));
      context.stderr.write(`written to ${shownPath(experiment.directory)}\n`);
    });
  },
};
