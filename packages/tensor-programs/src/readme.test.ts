import { readFileSync } from 'node:fs';
import { afterEach, expect, test, vi } from 'vitest';

const readText = (name: string) => readFileSync(new URL(name, import.meta.url), 'utf8');

afterEach(() => vi.restoreAllMocks());

test('the example of the README runs and prints what the README says', async () => {
  const readme = readText('../README.md');
  expect(readme).toContain(`\`\`\`ts\n${readText('testing/readme-example.ts')}\`\`\``);
  const lines: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((...words) => lines.push(words.join(' ')));
  await import('./testing/readme-example.js');
  expect(readme).toContain(`\`\`\`\n${lines.join('\n')}\n\`\`\``);
});
