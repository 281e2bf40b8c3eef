import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import type { Tokenizer } from '@ntk-lens/core';

const firstOf = (tokenizer: HfTokenizer, tokens: readonly string[]): number => {
  for (const token of tokens) {
    const id = tokenizer.token_to_id(token);
    if (id !== undefined) return id;
  }
  throw new Error(`none of ${tokens.join(', ')} in the vocabulary`);
};

/** The core `Tokenizer` of a model directory, for tests of prompts alone. */
export const hfTokenizer = (directory: string): Tokenizer => {
  const json = (name: string): object => JSON.parse(readFileSync(join(directory, name), 'utf8'));
  const hf = new HfTokenizer(json('tokenizer.json'), json('tokenizer_config.json'));
  return {
    encode: (text) => (text === '' ? [] : hf.encode(text, { add_special_tokens: false }).ids),
    decode: (ids) => (ids.length === 0 ? '' : hf.decode([...ids], { clean_up_tokenization_spaces: false })),
    tokenToId: (token) => hf.token_to_id(token),
    idToToken: (id) => hf.id_to_token(id),
    special: {
      cls: firstOf(hf, ['<s>', '[CLS]']),
      sep: firstOf(hf, ['</s>', '[SEP]']),
      mask: firstOf(hf, ['<mask>', '[MASK]']),
      pad: firstOf(hf, ['<pad>', '[PAD]']),
      unk: firstOf(hf, ['<unk>', '[UNK]']),
    },
    vocabularySize: hf.get_vocab().size,
  };
};
