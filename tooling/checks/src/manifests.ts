import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { relativeLinks } from '../../registry/tarballs.mjs';

const address = 'https://github.com/ntk-lens/ntk-lens';

/**
 * Looks at what a registry shows of the published packages below a folder with `packages` and `platforms`, and at their
 * licences.
 *
 * @returns sentences that say what is wrong
 */
export const manifestProblems = (root: string): readonly string[] => {
  const problems: string[] = [];
  /** The version of the first package, which all have. */
  let version: string | undefined;
  const folders = ['packages', 'platforms']
    .filter((folder) => existsSync(join(root, folder)))
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')));
  for (const folder of folders) {
    const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8'));
    if (manifest.private) continue;
    version ??= manifest.version;
    const expected: readonly (readonly [field: string, found: unknown, expected: string | undefined])[] = [
      ['repository.url', manifest.repository?.url, `git+${address}.git`],
      ['repository.directory', manifest.repository?.directory, folder],
      ['homepage', manifest.homepage, `${address}/tree/main/${folder}#readme`],
      ['bugs.url', manifest.bugs?.url, `${address}/issues`],
      ['publishConfig.access', manifest.publishConfig?.access, 'public'],
      ['version', manifest.version, version],
    ];
    for (const [field, found, wanted] of expected)
      if (found !== wanted) problems.push(`${folder}: ${field} is ${found}, expected ${wanted}.`);
    for (const field of ['description', 'license'])
      if (!manifest[field]) problems.push(`${folder}: ${field} is missing.`);
    if (!(manifest.keywords?.length >= 3)) problems.push(`${folder}: it has fewer than three keywords.`);
    // pnpm packs the licence of the repository, MIT, with packages that have none of their own; `prepack` may write one.
    if (manifest.license !== 'MIT' && !existsSync(join(root, folder, 'LICENSE')))
      problems.push(`${folder}: there is no LICENSE of ${manifest.license}.`);
    if (!existsSync(join(root, 'LICENSE'))) problems.push('The repository has no LICENSE.');
    if (manifest.files?.some((file: string) => /^src\b/.test(file)))
      problems.push(`${folder}: sources are packed, and source maps have them already.`);
    const readme = join(root, folder, 'README.md');
    if (!existsSync(readme)) problems.push(`${folder}: there is no README.md.`);
    else
      for (const link of relativeLinks(readFileSync(readme, 'utf8')))
        problems.push(`${folder}/README.md: the link ${link} is relative; expected an address.`);
  }
  return problems;
};
