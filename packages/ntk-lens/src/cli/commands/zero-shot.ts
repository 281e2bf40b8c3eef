import { addTaskOptions, type ExperimentFlags, givenOptions } from '../../options/experiment-options.js';
import { integer } from '../../options/parse-value.js';
import { addPromptingOptions } from '../../options/prompting-options.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

type Flags = ExperimentFlags & GlobalFlags;

export const zeroShotCommand: CommandModule = {
  register(program, context) {
    const command = addPromptingOptions(
      addTaskOptions(
        program
          .command('zero-shot')
          .summary('what the model answers without training: no kernel')
          .description(
            'Prompts the examples of a task and reads the label words, with any rule for words of several tokens, with demonstrations, averaged over contexts, and calibrated. Takes regression tasks, too. Forward passes only; writes nothing.',
          ),
      ),
    )
      .optionsGroup('Machine:')
      .option('--runtime <name>', 'what computes (default: auto, the fastest that works here)')
      .option('--threads <n>', 'CPU threads (default: all cores)', integer(1))
      .option('-c, --config <file>', 'take the options of a config.json; those given besides override it');
    addOutputOptions(command).action(async (flags: Flags) => {
      const { resolveConfig } = await import('../../options/resolve-config.js');
      const { zeroShot } = await import('../../run/zero-shot.js');
      const { zeroShotTable } = await import('../../present/zero-shot-table.js');
      const { renderTerminalTable } = await import('@ntk-lens/report');
      const config = await resolveConfig(givenOptions(flags), flags.config);
      const result = await withProgress(context, flags, (options) => zeroShot(config, options));
      context.stdout.write(
        flags.json
          ? `${JSON.stringify(result)}\n`
          : renderTerminalTable(zeroShotTable(result), { color: useColor(context.stdout, context.env) }),
      );
    });
  },
};
