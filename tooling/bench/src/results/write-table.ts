import { readFile, writeFile } from 'node:fs/promises';
import { BadArgumentError } from '@ntk-lens/core';

/**
 * Writes a table of a page anew, between the comments `<!-- name -->` and `<!-- end of name -->`, and prints it.
 *
 * @throws BadArgumentError where the page has no such place
 */
export const writeTable = async (file: string, name: string, table: string): Promise<void> => {
  const page = await readFile(file, 'utf8');
  const [begin, end] = [`<!-- ${name} -->`, `<!-- end of ${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new BadArgumentError('--page', file, `a line "${begin}" before "${end}"`);
  await writeFile(file, `${page.slice(0, from + begin.length)}\n\n${table.trim()}\n\n${page.slice(to)}`);
  process.stdout.write(`${table}\n`);
};
