import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { marked, type Tokens } from 'marked';
import { expect, test } from 'vitest';
import { benches } from '../../../bench/src/front/benches.js';
import { sectionNames } from '../../../bench/src/kernels/section-names.js';
import { root } from '../root.js';

/** Cells of a row: what, ours, peer, its time ÷ ours, versions and BLAS, bench. */
type Row = readonly [string, string, string, string, string, string];

/** Rows of each processor's table, by its heading. */
const tables = (page: string): ReadonlyMap<string, readonly Row[]> => {
  const found = new Map<string, readonly Row[]>();
  let heading = '';
  for (const token of marked.lexer(page)) {
    if (token.type === 'heading') heading = token['depth'] === 3 ? token['text'] : '';
    if (token.type === 'table' && heading)
      found.set(
        heading,
        (token as Tokens.Table).rows.map((row) => row.map(({ text }) => text) as unknown as Row),
      );
  }
  return found;
};

const processors = tables(readFileSync(join(root, 'docs/performance.md'), 'utf8'));
const [first, ...others] = processors.values();
const key = ([what, , , , , bench]: Row): readonly string[] => [what, bench];

test('every processor has the same rows', () => {
  expect(processors.size).toBeGreaterThan(3);
  for (const rows of others) expect(rows.map(key)).toEqual(first!.map(key));
});

test.each([...processors])('%s: a number has its versions, and a row without says so', (_, rows) => {
  for (const [what, ours, peer, ratio, versions] of rows) {
    if (ours === 'not measured here') expect([peer, ratio, versions], what).toEqual(['–', '–', '–']);
    // Our products alone need no versions other than those that the page names for all of them.
    else if (!what.startsWith('plain product') || ratio !== '–') expect(versions, what).not.toBe('–');
    // PyTorch's products are those of a BLAS.
    if (versions.includes('PyTorch')) expect(versions, what).toMatch(/\(\w+\)/);
  }
});

test('every row names a bench that is there, with its section', () => {
  for (const [what, , , , , bench] of first!) {
    const [, name, section] = /^`(\S+)(?: --sections (\S+))?.*`$/.exec(bench) ?? [];
    expect(Object.keys(benches), what).toContain(name);
    if (section) expect(sectionNames, what).toContain(section);
  }
});
