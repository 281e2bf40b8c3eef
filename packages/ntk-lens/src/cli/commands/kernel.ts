import {
  addExperimentOptions,
  type ExperimentFlags,
  givenOptions,
} from '../../options/experiment-options.js';
import { shownPath } from '../../present/shown-path.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { type CliContext, useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

type Flags = ExperimentFlags & GlobalFlags & { readonly explain?: boolean };

export const kernelCommand: CommandModule = {
  register(program, context) {
    const command = program
      .command('kernel')
      .summary('kernels and logits only, as .npy files')
      .description(
        'Computes the kernels of a task and leaves train.npy, dev.npy, test.npy (float64, [train, logit, query, logit]), logits, labels and manifest.json. "ntk-lens solve" takes the directory.',
      );
    const options = addExperimentOptions(command)
      .optionsGroup('Plan:')
      .option('--explain', 'print what would be computed, how, at what cost, and stop');
    addOutputOptions(options).action(async (flags: Flags) => {
      const { resolveConfig } = await import('../../options/resolve-config.js');
      if (flags.explain) {
        await explain(context, flags);
        return;
      }
      const { runExperiment } = await import('../../run/run-experiment.js');
      const { writeOutcome } = await import('../../present/write-outcome.js');
      const { kernelTable } = await import('../../present/kernel-table.js');
      const { spacesTable } = await import('../../present/spaces-table.js');
      const { renderTerminalTable } = await import('@ntk-lens/report');
      const config = await resolveConfig(givenOptions(flags), flags.config);
      const experiment = await withProgress(context, flags, (options) =>
        runExperiment(config, {
          ...options,
          solve: false,
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
      context.stdout.write(renderTerminalTable(kernelTable(experiment), { color }));
      const spaces = spacesTable(experiment);
      if (spaces) context.stdout.write(renderTerminalTable(spaces, { color }));
      context.stderr.write(`written to ${shownPath(experiment.directory)}\n`);
    });
  },
};

const explain = async (context: CliContext, flags: Flags): Promise<void> => {
  const { resolveConfig } = await import('../../options/resolve-config.js');
  const { explainExperiment } = await import('../../run/explain-experiment.js');
  const { planTable } = await import('../../present/plan-table.js');
  const { renderTerminalTable } = await import('@ntk-lens/report');
  const config = await resolveConfig(givenOptions(flags), flags.config);
  const explained = await withProgress(context, flags, (options) => explainExperiment(config, options));
  if (flags.json) {
    context.stdout.write(`${JSON.stringify(explained)}\n`);
    return;
  }
  const color = useColor(context.stdout, context.env);
  for (const cell of explained.cells) {
    context.stdout.write(renderTerminalTable(planTable(explained, cell), { color }));
  }
};
