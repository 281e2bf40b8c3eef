import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import type { TokenizerFiles } from '../loading/tokenizer-files.js';

const FIXTURES = new URL('../../fixtures/', import.meta.url);
const SHARED = new URL('../../../../../../shared/', import.meta.url);

/** Path in the folder beside the repository that holds golden data; undefined where it is absent. */
export const sharedPath = (path: string): string | undefined => {
  const full = fileURLToPath(new URL(path, SHARED));
  return existsSync(full) ? full : undefined;
};

export const fixtureText = (name: string): string =>
  gunzipSync(readFileSync(new URL(`${name}.gz`, FIXTURES))).toString('utf8');

export const fixtureJson = <T>(name: string): T => JSON.parse(fixtureText(name)) as T;

/** BERT's uncased vocabulary, of the embedded model. */
export const bertDirectory = modelDirectory;

export const trainedFiles = (name: string): TokenizerFiles => ({
  'tokenizer.json': fixtureText(`${name}.tokenizer.json`),
});
