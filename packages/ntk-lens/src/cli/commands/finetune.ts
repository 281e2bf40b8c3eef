import { addTaskOptions, type ExperimentFlags, givenOptions } from '../../options/experiment-options.js';
import { integer } from '../../options/parse-value.js';
import { addPromptingOptions } from '../../options/prompting-options.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';
import { addFineTuneOptions, type FineTuneFlags, fineTuneFields } from './finetune-options.js';

type Flags = Omit<ExperimentFlags, 'batch' | 'space'> & FineTuneFlags & GlobalFlags;

export const finetuneCommand: CommandModule = {
  register(program, context) {
    const command = addFineTuneOptions(
      addPromptingOptions(
        addTaskOptions(
          program
            .command('finetune')
            .summary('fine-tunes the model, in full or in a subspace')
            .description(
              'Trains on k-shot samples of a task with the label words of its prompt, keeps what the development set chooses, and tests it. Writes the tuned model or its adapter. An interrupted training goes on when it is started again, to the same bytes.',
            ),
        ),
      ),
    )
      .optionsGroup('Machine:')
      .option('--runtime <name>', 'what computes (default: auto, the fastest that works here)')
      .option('--threads <n>', 'CPU threads (default: all cores)', integer(1))
      .optionsGroup('Files:')
      .option('-o, --out <dir>', 'output directory (default: runs/… named after the training)')
      .option('-c, --config <file>', 'replay a config.json; options given besides override it')
      .option('--force', 'replace another training in the output directory');
    addOutputOptions(command).action(async (flags: Flags) => {
      const { resolveFineTune } = await import('../../run/finetune/resolve-fine-tune.js');
      const { fineTuneExperiment } = await import('../../run/finetune/fine-tune-experiment.js');
      const { fineTuneTable } = await import('../../present/fine-tune-table.js');
      const { renderTerminalTable } = await import('@ntk-lens/report');
      const { batch: _, space: __, ...rest } = flags;
      const config = await resolveFineTune(
        givenOptions(rest),
        fineTuneFields(flags),
        flags.grid ?? false,
        flags.config,
      );
      const experiment = await withProgress(context, flags, (options) =>
        fineTuneExperiment(config, {
          ...options,
          ...(flags.out !== undefined && { out: flags.out }),
          ...(flags.force !== undefined && { force: flags.force }),
        }),
      );
      if (flags.json) {
        context.stdout.write(`${JSON.stringify(experiment)}\n`);
        return;
      }
      const color = useColor(context.stdout, context.env);
      context.stdout.write(renderTerminalTable(fineTuneTable(experiment), { color }));
      for (const { written } of experiment.samples) context.stderr.write(`tuned parameters in ${written}\n`);
    });
  },
};
