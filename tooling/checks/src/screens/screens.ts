// Writes docs/images/screens, pictures of commands on a terminal of 80 columns.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { program } from '../program.js';
import { root } from '../root.js';
import { linesInTerminal } from './in-terminal.js';
import { screenSvg } from './screen-svg.js';
import { typed } from './typed.js';

const COLUMNS = 80;

/** A typed line as words of a shell: variables, then the program in place of its name. */
const wordsOf = (line: string): string[] => {
  const words = line.split(' ');
  const at = words.indexOf('ntk-lens');
  return ['env', ...words.slice(0, at), ...program, ...words.slice(at + 1)];
};

const wanted = process.argv.slice(2);
const target = join(root, 'docs/images/screens');
await mkdir(target, { recursive: true });
const directory = await mkdtemp(join(tmpdir(), 'ntk-lens-screens-'));
for (const [name, own] of Object.entries(typed)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const lines = own.flatMap((line, i) => [
    ...(i > 0 ? [''] : []),
    `\u001b[36m$\u001b[39m \u001b[1m${line}\u001b[22m`,
    ...linesInTerminal(wordsOf(line), COLUMNS, directory),
  ]);
  await writeFile(join(target, `${name}.svg`), screenSvg(own.join('; '), lines, COLUMNS));
}
await rm(directory, { recursive: true });
