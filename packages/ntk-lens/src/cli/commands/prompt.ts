import { ownData, prompt, suggestions, task } from '../../options/all.js';
import { group, option } from '../../options/declare.js';
import { integer, oneOf, repeated, text } from '../../options/kinds.js';
import { command } from '../command.js';

const examples = group('command', 'Examples', {
  text: option(
    '--text <text>',
    repeated(text),
    'shows a text of your own; give it once more for the second of a pair',
  ),
  split: option('--split <name>', oneOf(['train', 'dev', 'test']), 'shows examples of train, dev or test', {
    default: 'train',
  }),
  limit: option('--limit <n>', integer(1), 'shows n examples', { default: 3 }),
});

export const promptCommand = command({
  name: 'prompt',
  summary: 'shows the prompts of a task, with the tokens of each piece',
  description:
    'Shows prompts as the model reads them: the tokens of each piece of the template in colour, the text that was cut off and the reason, and the position that is read. Needs no weights, except for --demo-filter.',
  options: [task, ownData, suggestions, prompt, examples],
  run: async (call) => {
    const { run, flags, around, long } = call;
    const { text: texts, split, limit } = flags;
    const { resolveConfig } = await import('../../options/resolve-config.js');
    const { showPrompts } = await import('../../run/show-prompts.js');
    const { promptText } = await import('../../present/prompt-text.js');
    const config = await resolveConfig(run, undefined, around);
    const { onOwnData } = await import('../own-data.js');
    return onOwnData(call, config, undefined, async (completed, { lens }) => {
      const result = await showPrompts(completed, { ...long, lens, split, limit, texts });
      return { result, shown: ({ color, columns }) => promptText(result, color, columns) };
    });
  },
});
