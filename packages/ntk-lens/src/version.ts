import manifest from '../package.json' with { type: 'json' };

/** Version of the ntk-lens package. */
export const version: string = manifest.version;

/** Address of a file of the repository, such as `docs/theory.md`. */
export const documentationAt = (file: string): string =>
  `${manifest.repository.url.replace(/^git\+|\.git$/g, '')}/blob/main/${file}`;

/** The page of this package. */
export const readme = `${manifest.repository.directory}/README.md`;

/** The program with its version, as files that it writes name it. */
export const programAndVersion = `ntk-lens ${version}`;
