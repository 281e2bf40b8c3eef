import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);

/** Folder of an installed package, or undefined. */
export const packageFolder = (name: string): string | undefined => {
  try {
    return dirname(require.resolve(`${name}/package.json`));
  } catch {
    return undefined;
  }
};

/** Name and version of the package in a folder, e.g. `onnxruntime-node 1.30.0`. */
export const packageTitle = (folder: string): { readonly name: string; readonly title: string } => {
  const { name, version } = require(join(folder, 'package.json')) as { name: string; version: string };
  return { name, title: `${name} ${version}` };
};

/** Entry file of a package, by folder or name. */
export const requirePackage = (folderOrName: string): unknown => require(folderOrName);
