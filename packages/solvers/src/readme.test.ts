import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { solvers } from './index.js';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('the table of solvers in the README has a row for each, with what it says of itself', () => {
  for (const { name, title, purpose, options } of solvers) {
    const cells = Object.keys(options).map((option) => `\`${option}\``);
    const row = [`\`${name}\``, title, purpose, cells.join(', ')].join(' | ');
    expect(readme.replaceAll(/ +\|/g, ' |')).toContain(`| ${row} |`);
  }
});
