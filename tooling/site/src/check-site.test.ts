import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, test } from 'vitest';
import { checkSite } from './check-site.js';

const site = async (files: Readonly<Record<string, string>>): Promise<string> => {
  const folder = await temporaryDirectory();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return folder;
};
const problemsOf = async (html: string, more = {}) =>
  checkSite(
    await site({
      'index.html': html,
      'theory.html': '<h2 id="sites">Sites</h2>',
      'how-to/index.html': '',
      ...more,
    }),
  ).map(({ problem }) => problem);

test('links to pages, anchors, folders and other sites pass', async () => {
  const hrefs = ['/theory.html', '/theory.html#sites', 'theory.html', '/how-to/', '#here', 'https://a.org/'];
  const links = hrefs.map((href) => `<a href="${href}">x</a>`).join('');
  expect(await problemsOf(`<p id="here">${links}</p>`)).toEqual([]);
});

test.each([
  ['a link to a page that is not there', '<a href="/theorie.html">x</a>', 'the site has no such page'],
  [
    'a link to an anchor of another page',
    '<a href="/theory.html#sits">x</a>',
    'that page has no such anchor',
  ],
  ['a link to an anchor of its own page', '<a href="#gone">x</a>', 'that page has no such anchor'],
  ['a script from a network', '<script src="https://cdn.org/x.js"></script>', 'from a network'],
  ['a font from a network', '<link rel="stylesheet" href="//fonts.org/css">', 'from a network'],
  ['a picture from a network', '<img alt="x" src="http://a.org/x.png">', 'from a network'],
])('%s is found', async (_, html, problem) => {
  expect(await problemsOf(html)).toEqual([expect.stringContaining(problem)]);
});

test('a font that a style loads from a network is found', async () => {
  const css = { 'a.css': '@font-face{src:url("https://fonts.org/a.woff2")}p{background:url(/b.png)}' };
  expect(await problemsOf('', css)).toEqual(['loads https://fonts.org/a.woff2 from a network']);
});
