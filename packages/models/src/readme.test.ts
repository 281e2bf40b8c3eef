import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';
import { architectures } from './architectures/registry.js';

const readText = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

afterEach(() => vi.restoreAllMocks());

test('the example of the README runs and prints what the README says', async () => {
  const readme = readText('../README.md');
  expect(readme).toContain(`\`\`\`ts\n${readText('testing/readme-example.ts')}\`\`\``);
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line) => lines.push(String(line)));
  await import('./testing/readme-example.js');
  expect(readme).toContain(`\`\`\`\n${lines.join('\n')}\n\`\`\``);
});

test('the table of the README has every architecture', () => {
  const rows = readText('../README.md').matchAll(/^\| `(\S+)` +\| (.+?) +\| (masked|causal) +\|$/gm);
  expect([...rows].map((row) => row.slice(1))).toEqual(
    [...architectures.values()].map(({ modelType, title, objective }) => [modelType, title, objective]),
  );
});
