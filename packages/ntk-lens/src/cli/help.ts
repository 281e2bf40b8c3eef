import { flagsOf } from '../options/flags.js';
import type { Command } from './command.js';

type Row = readonly [left: string, right: string];

/** Breaks a text between words into lines of at most `width` characters. */
const wrapped = (text: string, width: number): string[] => {
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const line = lines.at(-1);
    if (line !== undefined && line.length + 1 + word.length <= width) lines[lines.length - 1] += ` ${word}`;
    else lines.push(word);
  }
  return lines;
};

const rowText = ([name, text]: Row, left: number, columns: number): string => {
  const lines = wrapped(text, Math.max(40, columns - left - 4));
  return lines.map((line, i) => `  ${(i === 0 ? name : '').padEnd(left)}  ${line}`).join('\n');
};

const always: readonly Row[] = [['-h, --help', 'prints this help']];
const ofProgram: readonly Row[] = [['-V, --version', 'prints the version'], ...always];

/**
 * Help of a command.
 *
 * @param path the program, the command, and the commands between
 */
export const helpText = (path: readonly Command[], columns = 100): string => {
  const { args, commands = [], description, examples, options } = path.at(-1)!;
  const rowsOf = ({ name, args: own, summary }: Command): Row => [[name, own?.[0] ?? ''].join(' '), summary];
  const sections: readonly (readonly [title: string, rows: readonly Row[]])[] = [
    ['Arguments', args ? [[args[0], args[1]]] : []],
    ...options.map((group): [string, Row[]] => [
      group.title,
      flagsOf(group).map(({ flags, help }) => [flags, help]),
    ]),
    ['Help', path.length > 1 ? always : ofProgram],
    ['Commands', commands.map(rowsOf)],
  ];
  const left = Math.max(...sections.flatMap(([, rows]) => rows.map(([name]) => name.length)));
  const words = [...path.map(({ name }) => name), ...(commands.length > 0 ? ['<command>'] : [])];
  const blocks = [
    `Usage: ${words.join(' ')} [options] ${args?.[0] ?? ''}`.trimEnd(),
    wrapped(description, columns).join('\n'),
    ...sections
      .filter(([, rows]) => rows.length > 0)
      .map(([title, rows]) => [`${title}:`, ...rows.map((row) => rowText(row, left, columns))].join('\n')),
    ...(examples === undefined ? [] : [`Examples:\n${examples}`]),
  ];
  return `${blocks.join('\n\n')}\n`;
};
