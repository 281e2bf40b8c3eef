import { fileURLToPath } from 'node:url';

/** The root of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../../', import.meta.url));

/** Where typedoc's pages are written before the site is built, from the root of the repository. */
export const referenceFolder = 'tooling/site/reference';
