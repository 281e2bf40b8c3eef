import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { TokenizerFilesMissingError } from '../errors.js';
import type { LoadedTokenizer } from '../loaded-tokenizer.js';
import { loadTokenizer as loadFromContents, tokenizerFromTexts } from '../loading/load-tokenizer.js';
import {
  checkSize,
  TOKENIZER_FILES,
  type TokenizerFileName,
  type TokenizerFiles,
} from '../loading/tokenizer-files.js';

/** Reads the tokenizer files of a directory; a cap on their size is checked before they are read. */
const readTokenizerFiles = async (directory: string): Promise<ReadonlyMap<TokenizerFileName, string>> => {
  const texts = new Map<TokenizerFileName, string>();
  let names: readonly string[];
  try {
    names = await readdir(directory);
  } catch {
    throw new TokenizerFilesMissingError(`"${directory}", which is not a directory that can be read,`, []);
  }
  // With tokenizer.json the older files are not needed, and may be large.
  const wanted = names.includes('tokenizer.json') ? TOKENIZER_FILES.slice(0, 3) : TOKENIZER_FILES;
  for (const name of [...wanted, 'config.json'] as const) {
    if (!names.includes(name)) continue;
    const file = join(directory, name);
    checkSize(name, (await stat(file)).size);
    texts.set(name, await readFile(file, 'utf8'));
  }
  return texts;
};

/**
 * Loads a Hugging Face tokenizer from a directory, or from the contents of its files as in a browser.
 *
 * @example
 * ```ts
 * const tokenizer = await loadTokenizer('models/roberta-base');
 * const { ids, offsets } = tokenizer.encodeWithOffsets('A great<mask> film.');
 * ```
 * @param source path of a directory, or file contents by name (text or bytes)
 * @returns the tokenizer; special tokens that the model does not have are -1 in `special`
 * @throws TokenizerFilesMissingError, TokenizerFormatError, TokenizerTooLargeError, UnsupportedTokenizerError,
 *   UnsupportedTokenizerClassError, PatternError: the input cannot be used, and why
 */
export const loadTokenizer = async (source: string | TokenizerFiles): Promise<LoadedTokenizer> =>
  typeof source === 'string'
    ? tokenizerFromTexts(await readTokenizerFiles(source), `"${source}"`)
    : loadFromContents(source);
