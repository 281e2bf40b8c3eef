import { expect, test } from 'vitest';
import { blocksIn } from './documents.js';

/** The package of an import that is no module of Node; parts of a package come with it. */
const imported = /from '(?!node:|\.)((?:@[\w-]+\/)?[\w.-]+)[^']*'/g;

/** First groups of all matches in the code of a page. */
const found = (page: string, language: string, pattern: RegExp): readonly string[] =>
  blocksIn(language)
    .filter(({ document }) => document === page)
    .flatMap(({ code }) => [...code.matchAll(pattern)].map(([, group]) => group!));

const pages = [...new Set(blocksIn('ts').map(({ document }) => document))].filter((page) =>
  /^packages\/[^/]+\/README\.md$/.test(page),
);

test.each(pages)('%s says to install what its examples import', (page) => {
  const installed = found(page, 'sh', /npm install (.*)/g).flatMap((names) => names.split(/\s+/));
  const missing = new Set(found(page, 'ts', imported).filter((name) => !installed.includes(name)));
  expect([...missing]).toEqual([]);
});
