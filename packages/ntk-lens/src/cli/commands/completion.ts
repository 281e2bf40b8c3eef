import { oneOf } from '../../options/kinds.js';
import { command } from '../command.js';

const shells = ['bash', 'zsh', 'fish'] as const;

export const completionCommand = command({
  name: 'completion',
  args: ['<shell>', shells.join(', '), oneOf(shells)],
  summary: 'prints a script that completes commands, flags and values in a shell',
  description:
    'Prints a script that completes commands, flags and values. bash: eval "$(ntk-lens completion bash)" in ~/.bashrc. zsh: eval "$(ntk-lens completion zsh)" in ~/.zshrc, after compinit. fish: ntk-lens completion fish | source in config.fish.',
  run: async ({ args: [name], program }) => {
    const { completionScript } = await import('../completion.js');
    const { BadArgumentError, didYouMean } = await import('@ntk-lens/core');
    const shell = shells.find((known) => known === name);
    if (shell === undefined)
      throw new BadArgumentError('shell', name, shells.join(', '), didYouMean(name ?? '', shells));
    const script = await completionScript(program, shell);
    return { result: script, shown: () => script };
  },
});
