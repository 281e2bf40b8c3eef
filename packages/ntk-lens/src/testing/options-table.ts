import { markdownTable } from '@ntk-lens/testing/markdown-table';
import { type Command, commandsBelow } from '../cli/command.js';
import { type Flag, flagsOf } from '../options/flags.js';

/** An option as it stands in one or several commands, in the same words. */
interface Row {
  readonly title: string;
  readonly flag: Flag;
  readonly commands: string[];
}

const cell = (text: string): string => text.replace(/[|<>*]/g, '\\$&');

/** The file that holds an option: its field, where a file can. */
const fieldOf = ({ section, path, option }: Flag): string =>
  section === 'command' || section === 'scheme'
    ? ''
    : [`\`${path.join('.')}\``, option.env ? `\`${option.env}\`` : ''].filter(Boolean).join(', ');

/** All options of the program as Markdown, a table for each group; the README holds it, and a test compares. */
export const optionsTable = (program: Command): string => {
  const rows: Row[] = [];
  for (const { words, command } of commandsBelow(program))
    for (const group of command.options)
      for (const flag of flagsOf(group)) {
        const known = rows.find(
          (row) => row.title === group.title && row.flag.flags === flag.flags && row.flag.help === flag.help,
        );
        if (known) known.commands.push(words);
        else rows.push({ title: group.title, flag, commands: [words] });
      }
  const count = commandsBelow(program).filter(({ command }) => command.run).length;
  const tables = [...new Set(rows.map(({ title }) => title))].map((title) => {
    const cells = rows
      .filter((row) => row.title === title)
      .map(({ flag, commands }) => [
        `\`${flag.flags.replace('|', '\\|')}\``,
        cell(flag.help),
        fieldOf(flag),
        commands.length === count ? 'all' : commands.join(', '),
      ]);
    return `**${title}**\n\n${markdownTable([['option', 'does', 'field, variable', 'commands'], ...cells])}\n`;
  });
  return tables.join('\n');
};
