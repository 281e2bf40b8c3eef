// Looks at a folder in which a package manager has installed.
import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Every file below a folder, without those behind links. */
const filesIn = (folder) =>
  readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return filesIn(path);
    return entry.isFile() ? [path] : [];
  });

/** Every package below node_modules, also those inside others. */
const packagesIn = (folder) =>
  filesIn(folder)
    .filter((path) => /node_modules\/(@[^/]+\/)?[^/]+\/package\.json$/.test(path.replaceAll('\\', '/')))
    .map((path) => ({ path, ...JSON.parse(readFileSync(path, 'utf8')) }));

const installScripts = ['preinstall', 'install', 'postinstall'];

/**
 * Looks at node_modules.
 *
 * @returns size in MB, names of packages that run something when they are installed, and the copies of each package
 */
export const inspect = (folder) => {
  const modules = join(folder, 'node_modules');
  const megabytes = filesIn(modules).reduce((sum, path) => sum + lstatSync(path).size, 0) / 1e6;
  const packages = packagesIn(modules);
  const scripted = packages
    .filter(
      ({ path, scripts = {} }) =>
        installScripts.some((name) => name in scripts) ||
        existsSync(path.replace('package.json', 'binding.gyp')),
    )
    .map(({ name }) => name);
  return { megabytes, scripted, copies: (name) => packages.filter((other) => other.name === name).length };
};
