import { wrapText } from '@ntk-lens/core';
import { flagsOf } from '../options/flags.js';
import { documentationAt, readme } from '../version.js';
import type { Command } from './command.js';
import { USUAL_COLUMNS } from './context.js';

type Row = readonly [left: string, right: string];

/** Columns that an explanation needs next to its name; with fewer it stands below it. */
const BESIDE = 36;
/** Longer lines are hard to read, however wide the terminal is. */
const MOST = 110;

/** Names and what they are, in two columns. */
const rowsText = (rows: readonly Row[], left: number, columns: number): string[] => {
  const beside = columns - left - 4 >= BESIDE;
  return rows.flatMap(([name, text]) => {
    const lines = wrapText(text, beside ? columns - left - 4 : columns - 6);
    if (!beside) return [`  ${name}`, ...lines.map((line) => `      ${line}`)];
    return lines.map((line, i) => `  ${(i === 0 ? name : '').padEnd(left)}  ${line}`);
  });
};

const always: readonly Row[] = [['-h, --help', 'prints this help']];
const ofProgram: readonly Row[] = [['-v, -V, --version', 'prints the version'], ...always];

const longest = (rows: readonly Row[]): number => Math.max(...rows.map(([name]) => name.length));

/**
 * Help of a command.
 *
 * @param path the program, the command, and the commands between
 * @param terminal columns of the terminal, if it is one
 */
export const helpText = (path: readonly Command[], terminal = USUAL_COLUMNS): string => {
  const columns = Math.min(terminal, MOST);
  const { args, commands = [], description, docs = readme, examples, options } = path.at(-1)!;
  const rowsOf = ({ name, args: own, summary }: Command): Row => [[name, own?.[0] ?? ''].join(' '), summary];
  const sections: readonly (readonly [title: string, rows: readonly Row[]])[] = [
    ['Arguments', args ? [[args[0], args[1]]] : []],
    ...options.map((group): [string, Row[]] => [
      group.title,
      flagsOf(group).map(({ flags, help }) => [flags, help]),
    ]),
    ['Help', path.length > 1 ? always : ofProgram],
    ['Commands', commands.map(rowsOf)],
    ['Examples', examples ?? []],
  ];
  const left = longest(sections.flatMap(([title, rows]) => (title === 'Examples' ? [] : rows)));
  const words = [...path.map(({ name }) => name), ...(commands.length > 0 ? ['<command>'] : [])];
  const blocks = [
    `Usage: ${words.join(' ')} [options] ${args?.[0] ?? ''}`.trimEnd(),
    wrapText(description, columns).join('\n'),
    ...sections
      .filter(([, rows]) => rows.length > 0)
      .map(([title, rows]) =>
        [`${title}:`, ...rowsText(rows, title === 'Examples' ? longest(rows) : left, columns)].join('\n'),
      ),
    `Documentation:\n  ${documentationAt(docs)}`,
  ];
  return `${blocks.join('\n\n')}\n`;
};
