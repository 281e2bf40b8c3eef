import { InvalidArgumentError } from 'commander';
import { addTaskOptions, type ExperimentFlags, givenOptions } from '../../options/experiment-options.js';
import { integer } from '../../options/parse-value.js';
import { addPromptingOptions } from '../../options/prompting-options.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

type Flags = ExperimentFlags &
  GlobalFlags & {
    readonly text?: readonly string[];
    readonly limit: number;
    readonly split: 'train' | 'dev' | 'test';
  };

const gather = (text: string, before: readonly string[] = []): readonly string[] => [...before, text];

export const promptCommand: CommandModule = {
  register(program, context) {
    const command = addPromptingOptions(
      addTaskOptions(
        program
          .command('prompt')
          .summary('the prompts of a task: which piece became which tokens')
          .description(
            'Shows prompts as the model reads them: in colour which piece of the template became which tokens, what was cut off and why, and where the model is read. Needs no weights, except for --demo-filter.',
          ),
      ),
    )
      .optionsGroup('Examples:')
      .option('--text <text>', 'a text of your own; once more for the second of a pair', gather)
      .option('--split <name>', 'train, dev or test (default: train)', splitName, 'train')
      .option('--limit <n>', 'how many examples to show', integer(1), 3);
    addOutputOptions(command).action(async (flags: Flags) => {
      const { resolveConfig } = await import('../../options/resolve-config.js');
      const { showPrompts } = await import('../../run/show-prompts.js');
      const { promptText } = await import('../../present/prompt-text.js');
      const config = await resolveConfig(givenOptions(flags), flags.config);
      const shown = await withProgress(context, flags, (options) =>
        showPrompts(config, {
          ...options,
          split: flags.split,
          limit: flags.limit,
          ...(flags.text && { texts: flags.text }),
        }),
      );
      context.stdout.write(
        flags.json
          ? `${JSON.stringify(shown)}\n`
          : promptText(shown, useColor(context.stdout, context.env), context.stdout.columns),
      );
    });
  },
};

const splitNames = ['train', 'dev', 'test'] as const;
const splitName = (text: string): Flags['split'] => {
  const found = splitNames.find((name) => name === text);
  if (found === undefined) throw new InvalidArgumentError(`Expected ${splitNames.join(', ')}.`);
  return found;
};
