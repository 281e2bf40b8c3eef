import { type Command, family } from './command.js';
import { commands } from './commands/index.js';

const examples: Command['examples'] = [
  ['ntk-lens run', 'the embedded model on the embedded task "sentiment"'],
  ['ntk-lens run --task topic --seeds 13,21,42', 'three seeds, mean and standard deviation'],
  ['ntk-lens run --model DIR --task SST-2 --data DIR', 'your model, a k-shot directory as LM-BFF writes it'],
  ['ntk-lens run --config runs/…/config.json', 'the same run again'],
];

/** The whole program as a command of commands. */
export const program: Command = {
  ...family(
    'ntk-lens',
    '',
    'Would fine-tuning this language model on this task behave like a kernel method? Computes the empirical NTK and the Adam kernels of real language models and solves them.',
    commands,
  ),
  examples,
};

/** The commands that the first words name, from the program on. */
export const pathOf = (words: readonly string[]): readonly Command[] => {
  const path = [program];
  for (const word of words) {
    const next = path.at(-1)!.commands?.find(({ name }) => name === word);
    if (next === undefined) break;
    path.push(next);
  }
  return path;
};
