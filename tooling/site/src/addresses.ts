import { execFileSync } from 'node:child_process';
import { referenceFolder, root } from './root.js';

/** The repository, for links to files that are no page. */
export const repository = 'https://github.com/ntk-lens/ntk-lens';

/** Folders of pages in the repository, and their places on the site. The first that fits counts. */
const places: readonly (readonly [pattern: RegExp, address: string])[] = [
  [/^README\.md$/, 'index.md'],
  [/^CONTRIBUTING\.md$/, 'contributing/index.md'],
  [/^docs\/(?!api\/)(.+\.md)$/, '$1'],
  [/^(examples|(?:packages|tooling)\/[^/]+)\/README\.md$/, '$1.md'],
  [new RegExp(`^${referenceFolder}/(.+\\.md)$`), 'reference/$1'],
];

/**
 * Place of a page on the site, where `theory.md` becomes `/theory.html`.
 *
 * @param file path from the root of the repository
 * @returns undefined for a file that is no page of the site
 */
export const addressOf = (file: string): string | undefined => {
  const place = places.find(([pattern]) => pattern.test(file));
  return place && file.replace(place[0], place[1]);
};

/** Files of Markdown in the repository that are no page of the site. */
export const otherPages = (): readonly string[] =>
  execFileSync('git', ['ls-files', '-co', '--exclude-standard', '*.md'], { cwd: root, encoding: 'utf8' })
    .split('\n')
    .filter((file) => file !== '' && addressOf(file) === undefined);
