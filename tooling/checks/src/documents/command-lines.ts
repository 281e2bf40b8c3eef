import type { CodeBlock } from './code-blocks.js';

/** A command of a block for the shell. */
export interface CommandLine {
  readonly block: CodeBlock;
  /** Its words, as the shell would hand them on. */
  readonly words: readonly string[];
}

/** Words between blanks; quotes keep blanks together, and a # at the beginning of a word starts a comment. */
const wordsOf = (line: string): string[] => {
  const words: string[] = [];
  for (const [word] of line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g)) {
    if (word.startsWith('#')) break;
    words.push(word.replace(/'([^']*)'|"([^"]*)"/g, '$1$2'));
  }
  return words;
};

/** The commands of a block: joined where a line ends with a backslash, with the variables that the block sets. */
export const commandLines = (block: CodeBlock): readonly CommandLine[] => {
  const variables = new Map<string, string>();
  const commands: CommandLine[] = [];
  for (const line of block.code.replace(/\\\n/g, ' ').split('\n')) {
    const set = /^(?:export )?([A-Z_]+)="(.*)"$/.exec(line);
    if (set) variables.set(set[1]!, set[2]!);
    else {
      const full = line.replace(/\$([A-Z_]+)/g, (_, name: string) => variables.get(name) ?? '');
      const words = wordsOf(full);
      if (words.length > 0) commands.push({ block, words });
    }
  }
  return commands;
};
