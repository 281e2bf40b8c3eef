import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { root } from './root.js';

const read = (file: string): string => readFileSync(`${root}/${file}`, 'utf8');
const tracked = execFileSync('git', ['ls-files', 'packages', 'docs', 'tooling', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .split('\n')
  .filter((file) => /\.(ts|py|md)$/.test(file));

const headings = (page: string): ReadonlySet<string> =>
  new Set([...read(page).matchAll(/^#+ (.*)$/gm)].map(([, title]) => title!.replace(/[`*_]/g, '')));

test.each(['docs/theory.md', 'docs/architecture.md'])(
  'every reference to a section of %s names one that is there',
  (page) => {
    const known = headings(page);
    const missing: string[] = [];
    let references = 0;
    for (const file of tracked) {
      // Comments wrap: a reference may go on in the next line.
      const text = read(file).replace(/\s*\n\s*(\*|\/\/|#)?\s*/g, ' ');
      for (const [, names] of text.matchAll(new RegExp(`\\(${page}, ([^():]+)[):]`, 'g'))) {
        references++;
        const sections = names!.replace(/[`*_]/g, '').trim();
        const parts = known.has(sections) ? [sections] : sections.split(' and ');
        for (const section of parts) if (!known.has(section)) missing.push(`${file}: ${section}`);
      }
    }
    expect(missing).toEqual([]);
    expect(references).toBeGreaterThan(page === 'docs/theory.md' ? 50 : 0);
  },
);

test('the first page of docs/theory.md shows textbook.ts as it is', () => {
  const source = read('packages/kernels/src/textbook.ts');
  const code = source.slice(source.indexOf('export const textbookKernel'));
  expect(read('docs/theory.md')).toContain(`\`\`\`ts\n${code}\`\`\``);
});
