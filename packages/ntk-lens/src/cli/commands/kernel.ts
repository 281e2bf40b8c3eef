import {
  addExperimentOptions,
  type ExperimentFlags,
  givenOptions,
} from '../../options/experiment-options.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

type Flags = ExperimentFlags & GlobalFlags;

export const kernelCommand: CommandModule = {
  register(program, context) {
    const command = program
      .command('kernel')
      .summary('kernels and logits only, as .npy files')
      .description(
        'Computes the kernels of a task and leaves train.npy, dev.npy, test.npy (float64, [train, logit, query, logit]), logits, labels and manifest.json. "ntk-lens solve" takes the directory.',
      );
    addOutputOptions(addExperimentOptions(command)).action(async (flags: Flags) => {
      const { resolveConfig } = await import('../../options/resolve-config.js');
      const { runExperiment } = await import('../../run/run-experiment.js');
      const { kernelTable } = await import('../../present/kernel-table.js');
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
      if (flags.json) {
        context.stdout.write(`${JSON.stringify(experiment)}\n`);
        return;
      }
      const color = useColor(context.stdout, context.env);
      context.stdout.write(renderTerminalTable(kernelTable(experiment), { color }));
      context.stderr.write(`written to ${experiment.directory}\n`);
    });
  },
};
