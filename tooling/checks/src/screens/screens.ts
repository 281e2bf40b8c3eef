// Writes docs/images/screens, pictures of commands on a terminal of 80 columns.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linesInTerminal } from './in-terminal.js';
import { screenSvg } from './screen-svg.js';

const COLUMNS = 80;

/** Pictures by their names, and the lines that are typed. */
const screens: Readonly<Record<string, readonly string[]>> = {
  demo: ['ntk-lens demo'],
  help: ['ntk-lens --help'],
  run: ['ntk-lens run'],
  finetune: ['ntk-lens finetune --space lora:r=8 --lr 0.1 --steps 40'],
  tasks: ['ntk-lens tasks'],
  errors: [
    'ntk-lens rnu',
    'ntk-lens run --tsak topic',
    'ntk-lens run --task sentimant',
    'NTK_LENS_RUNTIME=ortcpu ntk-lens run',
    'ntk-lens run tickets.csv',
  ],
};

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));
const program = [
  ...[process.execPath, '--conditions=@ntk-lens/source', '--import', import.meta.resolve('tsx')],
  here('../../../../packages/ntk-lens/src/bin.ts'),
];

/** A typed line as words of a shell: variables, then the program in place of its name. */
const wordsOf = (line: string): string[] => {
  const words = line.split(' ');
  const at = words.indexOf('ntk-lens');
  return ['env', ...words.slice(0, at), ...program, ...words.slice(at + 1)];
};

const wanted = process.argv.slice(2);
const target = here('../../../../docs/images/screens');
await mkdir(target, { recursive: true });
const directory = await mkdtemp(join(tmpdir(), 'ntk-lens-screens-'));
for (const [name, typed] of Object.entries(screens)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const lines = typed.flatMap((line, i) => [
    ...(i > 0 ? [''] : []),
    `\u001b[36m$\u001b[39m \u001b[1m${line}\u001b[22m`,
    ...linesInTerminal(wordsOf(line), COLUMNS, directory),
  ]);
  await writeFile(join(target, `${name}.svg`), screenSvg(typed.join('; '), lines, COLUMNS));
}
await rm(directory, { recursive: true });
