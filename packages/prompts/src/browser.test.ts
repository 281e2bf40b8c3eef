import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

test('the package imports nothing that a browser lacks', () => {
  const folder = fileURLToPath(new URL('.', import.meta.url));
  const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.startsWith('testing'),
  );
  expect(sources.length).toBeGreaterThan(20);
  const imported = sources.flatMap((name) =>
    [...readFileSync(join(folder, name), 'utf8').matchAll(/from '([^'.][^']*)'/g)].map((match) => match[1]),
  );
  expect([...new Set(imported)].sort()).toEqual(['@ntk-lens/core', 'picocolors', 'string-width']);
});
