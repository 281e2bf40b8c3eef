import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { flagsOf } from '../options/flags.js';
import { defaultRunConfig, runFields } from '../options/run-config.js';
import { optionsTable } from '../testing/options-table.js';
import { commandsBelow } from './command.js';
import { program } from './program.js';

const readme = fileURLToPath(new URL('../../README.md', import.meta.url));
const [start, end] = ['<!-- options -->\n\n', '\n<!-- end of options -->'];

/** UPDATE_README=1 writes the table instead of comparing it. */
it('the README has the table of options that the declarations make', async () => {
  const text = await readFile(readme, 'utf8');
  const [from, to] = [text.indexOf(start) + start.length, text.indexOf(end)];
  const table = optionsTable(program);
  if (process.env['UPDATE_README'])
    await writeFile(readme, `${text.slice(0, from)}${table}${text.slice(to)}`);
  else expect(text.slice(from, to)).toBe(table);
});

it('every field of a run has a flag, and every flag of a command a name of its own', () => {
  const places = commandsBelow(program);
  const fields = new Set(
    places.flatMap(({ command }) => command.options.flatMap(flagsOf)).map(({ path: [name] }) => name),
  );
  for (const name of Object.keys(runFields)) expect(fields).toContain(name);
  for (const { command } of places) {
    const names = command.options.flatMap(flagsOf).flatMap((flag) => flag.names);
    expect(new Set(names).size).toBe(names.length);
  }
  expect(Object.keys(defaultRunConfig)).toEqual(
    // biome-ignore format: the order of the file
    ['task', 'shots', 'seeds', 'formulas', 'binary', 'tied', 'keepNoise', 'solver', 'ridge', 'f0Scales', 'runtime'],
  );
});

it('the help of an option says what it does, with a verb first and no full stop', () => {
  for (const { command } of commandsBelow(program))
    for (const { option } of command.options.flatMap(flagsOf)) {
      expect(option.help).toMatch(/^(also )?[a-z]+s (?!.*\.$)/);
    }
});
