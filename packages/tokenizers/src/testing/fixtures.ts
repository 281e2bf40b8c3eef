import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import type { TokenizerFiles } from '../loading/tokenizer-files.js';

const FIXTURES = new URL('../../fixtures/', import.meta.url);

export const fixtureText = (name: string): string =>
  gunzipSync(readFileSync(new URL(`${name}.gz`, FIXTURES))).toString('utf8');

export const fixtureJson = <T>(name: string): T => JSON.parse(fixtureText(name)) as T;

/** BERT's uncased vocabulary, of the embedded model. */
export const bertDirectory = modelDirectory;

export const trainedFiles = (name: string): TokenizerFiles => ({
  'tokenizer.json': fixtureText(`${name}.tokenizer.json`),
});
