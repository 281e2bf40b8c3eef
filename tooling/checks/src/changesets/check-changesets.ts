import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A changeset: the packages that it names, with what they become, and what it tells. */
interface Changeset {
  readonly file: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly text: string;
}

const git = (root: string, ...words: readonly string[]): string =>
  execFileSync('git', words, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();

/**
 * The commit at which this branch left the base branch of `.changeset/config.json`. On the base branch it is the commit
 * itself, so that only what is not committed counts.
 *
 * @throws Error if there is no such branch, as in a clone of one commit
 */
const branchPoint = (root: string): string => {
  const { baseBranch } = JSON.parse(readFileSync(join(root, '.changeset/config.json'), 'utf8'));
  for (const name of [`origin/${baseBranch}`, baseBranch]) {
    try {
      return git(root, 'merge-base', 'HEAD', name);
    } catch {
      // The next name may be there.
    }
  }
  throw new Error(`There is no branch ${baseBranch} here to compare with. Fetch it, with its history.`);
};

/** Folders of the packages that are published, by name. */
const publishedPackages = (root: string): ReadonlyMap<string, string> =>
  new Map(
    ['packages', 'platforms']
      .filter((folder) => existsSync(join(root, folder)))
      .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
      .filter((folder) => existsSync(join(root, folder, 'package.json')))
      .map(
        (folder) => [JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')), folder] as const,
      )
      .filter(([manifest]) => !manifest.private)
      .map(([manifest, folder]) => [manifest.name as string, folder]),
  );

const readChangesets = (root: string): readonly Changeset[] =>
  readdirSync(join(root, '.changeset'))
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .map((name) => {
      const whole = readFileSync(join(root, '.changeset', name), 'utf8');
      const [, front = '', text = ''] = /^---\n([\s\S]*?)---\n([\s\S]*)$/.exec(whole) ?? [];
      const named = [...front.matchAll(/^(['"]?)(.+?)\1: *(\w+)$/gm)].map(([, , name, bump]) => [
        name!,
        bump!,
      ]);
      return { file: `.changeset/${name}`, packages: Object.fromEntries(named), text: text.trim() };
    });

/** Files that no user of a package sees. */
const isInner = (file: string): boolean =>
  /\.test\.ts$|\/(testing|fixtures)\/|\/(tsconfig|tsup\.config)\.[jt]son?$/.test(file);

/**
 * Compares the changesets with what changed since the branch point.
 *
 * @param base commit to compare with. Default: the branch point
 * @returns sentences that say what is wrong
 */
export const changesetProblems = (root: string, base: string = branchPoint(root)): readonly string[] => {
  const published = publishedPackages(root);
  const changesets = readChangesets(root);
  const changed = [
    ...git(root, 'diff', '--name-only', base).split('\n'),
    ...git(root, 'ls-files', '--others', '--exclude-standard').split('\n'),
  ];
  const problems: string[] = [];
  for (const { file, packages, text } of changesets) {
    const names = Object.entries(packages);
    if (names.length === 0) problems.push(`${file} names no package.`);
    if (text === '') problems.push(`${file} does not say what changed.`);
    for (const [name, bump] of names) {
      if (!published.has(name)) problems.push(`${file} names ${name}, which is no published package.`);
      if (!['major', 'minor', 'patch'].includes(bump))
        problems.push(`${file} says ${bump} of ${name}; expected major, minor or patch.`);
    }
  }
  const told = new Set(
    changesets.filter(({ file }) => changed.includes(file)).flatMap(({ packages }) => Object.keys(packages)),
  );
  for (const [name, folder] of published) {
    const file = changed.find((file) => file.startsWith(`${folder}/`) && !isInner(file));
    if (file && !told.has(name))
      problems.push(
        `${name} changed since ${base.slice(0, 8)} (${file}), and no changeset that is new or edited since then names it.`,
      );
  }
  return problems;
};
