import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { addressOf } from './addresses.js';
import { entries } from './reference.js';
import { referenceFolder, root } from './root.js';

/** Title of a page, its first heading. */
const titleOf = (file: string): string => {
  const title = /^# (.+)$/m.exec(readFileSync(join(root, file), 'utf8'))?.[1] ?? file;
  return title.replace(/`/g, '').replace(/^(?:The exports of|NTK Lens:) /, '');
};

const item = (file: string) => ({
  text: titleOf(file),
  link: `/${addressOf(file)!.replace(/(?:index)?\.md$/, '')}`,
});
const pagesOf = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `${folder}/${name}`);
const docs = (...names: readonly string[]): string[] => names.map((name) => `docs/${name}.md`);

/** The pages of the site in the order in which they are read, by section. */
export const sections: Readonly<Record<string, readonly string[]>> = {
  Start: ['README.md', ...docs('tutorial'), 'examples/README.md', ...docs('packages')],
  'How to …': pagesOf('docs/how-to'),
  Guides: docs('own-data', 'report', 'reproduce', 'scale', 'migration', 'native-tfjs', 'formats', 'versions'),
  Understand: docs('architecture', 'theory', 'kernel-behaviour', 'widths', 'comparison'),
  Measured: docs('results', 'performance', 'reliability', 'screens'),
  Contribute: ['CONTRIBUTING.md', ...pagesOf('docs/contributing')],
  Packages: [
    ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}/README.md`),
    'tooling/bench/README.md',
  ],
  Decisions: pagesOf('docs/decisions'),
};

/** True for an entry whose page has pages below it. */
const isFolder = (name: string): boolean => existsSync(join(root, referenceFolder, name, 'index.md'));

/** Sections that are long, and closed until they are wanted. */
const closed: ReadonlySet<string> = new Set(['Packages', 'Decisions']);

export const sidebar = [
  ...Object.entries(sections).map(([text, files]) => ({
    text,
    collapsed: closed.has(text),
    items: files.map(item),
  })),
  {
    text: 'Reference',
    collapsed: true,
    items: entries().map(({ name }) => ({
      text: name,
      link: `/reference/${name}${isFolder(name) ? '/' : ''}`,
    })),
  },
];
