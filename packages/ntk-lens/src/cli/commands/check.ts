import { addTaskOptions, givenOptions } from '../../options/experiment-options.js';
import { bytes, integer } from '../../options/parse-value.js';
import { addPromptingOptions } from '../../options/prompting-options.js';
import { addTableOption } from '../../options/table-options.js';
import { shownPath } from '../../present/shown-path.js';
import { addOutputOptions, type CommandModule } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';
import type { LadderFlags } from './check-ladder.js';
import { addCheckOptions, checkFields } from './check-options.js';

type Flags = LadderFlags & { readonly ladder?: readonly string[]; readonly twoLayer?: boolean };

export const checkCommand: CommandModule = {
  register(program, context) {
    const command = addCheckOptions(
      addPromptingOptions(
        addTaskOptions(
          program
            .command('check')
            .summary('does the kernel view hold? verdicts on its conditions')
            .description(
              'Fine-tunes on k-shot samples of a task, computes and solves the kernels that are the analogues of the optimizers, and says for every condition of the kernel view whether it holds, with its statistic, interval over seeds and threshold. Trainings, kernels and measurements are kept: a check that was interrupted goes on, a finished one is read.',
            ),
        ),
      ),
    )
      .optionsGroup('Width:')
      .option(
        '--ladder <dir...>',
        'exponents of width instead: of a ladder that pretrain wrote, or of models that differ in width; --steps (default: 1), --sgd-lr and --adam-lr (of SignGD) apply',
        (dir: string, before: readonly string[] = []) => [...before, dir],
      )
      .option(
        '--two-layer',
        'checks a network of two layers instead, without a model: medians of 30 draws at widths 64, 1024 and 16384, and their exponents; of the other options --out, --table and --json apply',
      )
      .optionsGroup('Machine:')
      .option('--runtime <name>', 'what computes (default: auto, the fastest that works here)')
      .option('--threads <n>', 'CPU threads (default: all cores)', integer(1))
      .option('--memory <size>', 'memory budget of kernels, such as 4GB (default: 4GiB)', bytes)
      .optionsGroup('Files:')
      .option('-o, --out <dir>', 'run directory (default: runs/… named after the check)')
      .option('-c, --config <file>', 'replay a config.json; options given besides override it')
      .option('--force', 'take over an output directory that holds other runs');
    addOutputOptions(addTableOption(command)).action(async (flags: Flags) => {
      if (flags.ladder && flags.twoLayer) {
        const { ConflictingOptionsError } = await import('../../options/errors.js');
        throw new ConflictingOptionsError(
          '--ladder checks models, and --two-layer needs none.',
          'Leave one of them out.',
        );
      }
      if (flags.twoLayer) {
        const { runTwoLayerCheck } = await import('./check-two-layer.js');
        await runTwoLayerCheck(context, flags);
        return;
      }
      if (flags.ladder) {
        const { runLadderCheck } = await import('./check-ladder.js');
        await runLadderCheck(context, flags, flags.ladder);
        return;
      }
      const { resolveCheck } = await import('../../run/check/resolve-check.js');
      const { checkExperiment } = await import('../../run/check/check-experiment.js');
      const { writeCheck } = await import('../../present/write-check.js');
      const { checkTable } = await import('../../present/check-table.js');
      const { renderTable } = await import('../../present/render-table.js');
      const { batch: _, space: __, ...rest } = flags;
      const config = await resolveCheck(givenOptions(rest), checkFields(flags), flags.config);
      const experiment = await withProgress(context, flags, (options) =>
        checkExperiment(config, {
          ...options,
          ...(flags.out !== undefined && { out: flags.out }),
          ...(flags.force !== undefined && { force: flags.force }),
        }),
      );
      await writeCheck(experiment);
      if (flags.json) {
        context.stdout.write(`${JSON.stringify(experiment)}\n`);
        return;
      }
      const color = useColor(context.stdout, context.env);
      context.stdout.write(renderTable(checkTable(experiment), flags.table, color));
      context.stderr.write(`written to ${shownPath(experiment.directory)}\n`);
    });
  },
};
