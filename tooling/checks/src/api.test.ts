import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, test } from 'vitest';
import { makeReports } from './api-report.js';
import { root } from './root.js';

/** Makes a package with one entry; @returns its report, and the exports without a docstring */
const reportOf = async (source: string) => {
  const home = await temporaryDirectory();
  await cp(join(root, 'tooling/tsconfig'), join(home, 'tooling/tsconfig'), {
    recursive: true,
    filter: (file) => !file.includes('node_modules'),
  });
  await mkdir(join(home, 'packages/offender/src'), { recursive: true });
  const exports = { '.': { '@ntk-lens/source': './src/index.ts' } };
  await writeFile(
    join(home, 'packages/offender/package.json'),
    JSON.stringify({ name: 'offender', exports }),
  );
  await writeFile(join(home, 'packages/offender/src/index.ts'), source);
  const { files, undocumented } = makeReports(home);
  return { text: files.get('offender.md'), undocumented };
};

test('functions, classes and constants without a docstring are found', async () => {
  const { undocumented } = await reportOf(`
    /** Adds one. */
    export const documented = (x: number): number => x + 1;
    export const bare = (x: number): number => x + 1;
    export class Bare {}
    /** @internal */
    export const hidden = 1;
  `);
  expect(undocumented).toEqual(['offender: Bare', 'offender: bare']);
});

test('a report has the declarations, without comments, and the marks', async () => {
  const { text } = await reportOf(`
    /** Adds one. */
    export const documented = (x: number): number => x + 1;
    /** @experimental */
    export interface Early { readonly size: number }
  `);
  expect(text).toContain('export const documented: (x: number) => number;');
  expect(text).toContain('/** @experimental */\nexport interface Early');
});
