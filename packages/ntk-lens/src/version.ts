import manifest from '../package.json' with { type: 'json' };

/** Version of the ntk-lens package. */
export const version: string = manifest.version;
