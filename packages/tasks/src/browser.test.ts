import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';

/** Modules that a source file reaches through its imports, package names and `node:` modules included. */
const reach = (start: URL, seen = new Set<string>()): Set<string> => {
  if (seen.has(start.href)) return seen;
  seen.add(start.href);
  if (!start.pathname.endsWith('.ts')) return seen;
  for (const match of readFileSync(start, 'utf8').matchAll(/(?:from|import\()\s*'([^']+)'/g)) {
    const name = match[1]!;
    if (name.startsWith('.')) reach(new URL(name.replace(/\.js$/, '.ts'), start), seen);
    else seen.add(name);
  }
  return seen;
};

it('the main entry reaches nothing that a browser lacks', () => {
  const reached = [...reach(new URL('./index.ts', import.meta.url))];
  expect(reached.length).toBeGreaterThan(20);
  expect(reached.filter((name) => !name.startsWith('file:')).sort()).toEqual([
    '@ntk-lens/core',
    'csv-parse/browser/esm/sync',
  ]);
});

it('file access is in the node entry', () => {
  expect([...reach(new URL('./node.ts', import.meta.url))]).toContain('node:fs/promises');
});
