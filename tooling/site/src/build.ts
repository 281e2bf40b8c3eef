// Builds the site into tooling/site/dist: the reference from docstrings, then all pages, then a check of their links.
import { parseArgs } from 'node:util';
import { build } from 'vitepress';
import { checkSite } from './check-site.js';
import { writeReference } from './reference.js';
import { root } from './root.js';

const { values } = parseArgs({ options: { 'keep-reference': { type: 'boolean', default: false } } });
const site = `${root}tooling/site`;
const seconds = (from: number): string => `${((performance.now() - from) / 1000).toFixed(1)} s`;

const start = performance.now();
if (!values['keep-reference']) await writeReference();
console.log(`reference: ${seconds(start)}`);
await build(site);
const problems = checkSite(`${site}/dist`);
// A link of the sidebar stands on every page.
const pages = new Map<string, string[]>();
for (const { page, problem } of problems) pages.set(problem, [...(pages.get(problem) ?? []), page]);
for (const [problem, [first, ...others]] of pages)
  console.error(`${first}${others.length > 0 ? ` and ${others.length} more` : ''} ${problem}`);
if (pages.size > 0) {
  console.error(`The site has ${pages.size} problems. Correct the pages that are named.`);
  process.exitCode = 1;
}
console.log(`site: ${seconds(start)}, in tooling/site/dist`);
