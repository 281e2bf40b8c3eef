import { TokenizerTooLargeError } from '../errors.js';
import { MAX_TOKENIZER_FILE_BYTES } from '../limits.js';

/** @internal Files that a tokenizer is read from, all optional; which combinations are enough is in {@link loadTokenizer}. */
export const TOKENIZER_FILES = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.json',
  'merges.txt',
  'vocab.txt',
] as const;
export type TokenizerFileName = (typeof TOKENIZER_FILES)[number] | 'config.json';

/** Contents by name, for a tokenizer that is not on disk. config.json is the model's, which may name the tokenizer. */
export type TokenizerFiles = Readonly<Partial<Record<TokenizerFileName, string | Uint8Array>>>;

/** @throws TokenizerTooLargeError */
export const checkSize = (file: string, bytes: number): void => {
  if (bytes > MAX_TOKENIZER_FILE_BYTES)
    throw new TokenizerTooLargeError(
      `${file}, bytes`,
      bytes,
      'MAX_TOKENIZER_FILE_BYTES',
      MAX_TOKENIZER_FILE_BYTES,
    );
};

export const filesAsText = (files: TokenizerFiles): ReadonlyMap<TokenizerFileName, string> => {
  const texts = new Map<TokenizerFileName, string>();
  for (const name of [...TOKENIZER_FILES, 'config.json'] as const) {
    const content = files[name];
    if (content === undefined) continue;
    checkSize(name, content.length);
    texts.set(name, typeof content === 'string' ? content : new TextDecoder().decode(content));
  }
  return texts;
};
