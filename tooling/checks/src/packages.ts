import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const condition = '@ntk-lens/source';

/** One entry of a package, a file of its sources. */
export interface Entry {
  readonly name: string;
  readonly file: string;
  /** The entry for browsers, if this is the one for Node; its exports are not listed again. */
  readonly browser?: string;
}

/** A folder of `packages`, with the entries that have sources. */
export interface Package {
  readonly name: string;
  readonly directory: string;
  readonly entries: readonly Entry[];
}

type Target = string | { readonly [name: string]: Target };

interface Manifest {
  readonly name: string;
  readonly exports?: Readonly<Record<string, Target>>;
}

/** The packages of a checkout. Entries are the `@ntk-lens/source` conditions of their package.json. */
export const packagesIn = (root: string): Package[] =>
  readdirSync(join(root, 'packages')).map((folder) => {
    const directory = join(root, 'packages', folder);
    const { name, exports = {} } = JSON.parse(
      readFileSync(join(directory, 'package.json'), 'utf8'),
    ) as Manifest;
    const entries = Object.entries(exports).flatMap(([path, target]): Entry[] => {
      const source = typeof target === 'string' ? undefined : target[condition];
      const entry = join(name, path);
      if (typeof source === 'string') return [{ name: entry, file: join(directory, source) }];
      const { default: browser, node } = source ?? {};
      if (typeof browser !== 'string' || typeof node !== 'string') return [];
      const [everywhere, inNode] = [join(directory, browser), join(directory, node)];
      return [
        { name: entry, file: everywhere },
        { name: `${entry}, in Node alone`, file: inNode, browser: everywhere },
      ];
    });
    return { name, directory, entries };
  });
