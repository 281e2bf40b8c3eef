// Writes docs/images: the figures of reports that the program makes of embedded tasks. Finished work is kept in runs/figures.
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { program } from '../program.js';
import { root } from '../root.js';
import { architecture } from './architecture.js';
import { figureInPage } from './figure-in-page.js';
import { bench, makers } from './makers.js';

const work = join(root, 'runs/figures');
const images = join(root, 'docs/images');
const names = ['architecture', ...makers.map(({ name }) => name), bench.name];

const wanted = process.argv.slice(2);
const unknown = wanted.find((name) => !names.includes(name));
if (unknown !== undefined) throw new Error(`Found "${unknown}", expected some of ${names.join(', ')}.`);

const start = (words: readonly string[], cwd: string): void => {
  const { status, error } = spawnSync(words[0]!, words.slice(1), { cwd, stdio: 'inherit' });
  if (error) throw error;
  // A check that fails has written its report.
  if (status !== 0 && status !== 1) process.exit(status ?? 1);
};

// Drawings take no time.
for (const [name, svg] of Object.entries(architecture(root)))
  await writeFile(join(images, `${name}.svg`), svg);
if (wanted.length === 1 && wanted[0] === 'architecture') process.exit();

await mkdir(work, { recursive: true });
for (const { name, typed, directory, figures, slow = false } of makers) {
  if (wanted.length > 0 ? !wanted.includes(name) : slow) continue;
  for (const line of typed) start([...program, ...line.split(' ')], work);
  start([...program, 'report', directory], work);
  const page = await readFile(join(work, directory, 'report.html'), 'utf8');
  for (const [figure, title] of Object.entries(figures)) {
    const svg = figureInPage(page, title);
    if (svg === undefined) throw new Error(`The report of ${directory} has no figure "${title}".`);
    await writeFile(join(images, `${figure}.svg`), svg);
  }
}
if (wanted.length === 0 || wanted.includes(bench.name))
  start(['npx', '-y', 'pnpm', 'bench', bench.name, '--out', join(images, `${bench.figure}.svg`)], root);
for (const { name, slow } of makers)
  if (slow && wanted.length === 0)
    console.error(
      `left as they are: the figures of ${name}, which take long; "pnpm figures ${name}" makes them`,
    );
