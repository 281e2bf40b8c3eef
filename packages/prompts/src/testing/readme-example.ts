import { readFileSync } from 'node:fs';
import { Tokenizer as HfTokenizer } from '@huggingface/tokenizers';
import type { Tokenizer } from '@ntk-lens/core';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import {
  compileTemplate,
  createVerbalizer,
  describePrompt,
  parseMapping,
  renderPromptPlain,
} from '@ntk-lens/prompts';

// Any tokenizer will do; @ntk-lens/models makes one from a model directory.
const read = (name: string) => JSON.parse(readFileSync(`${modelDirectory}/${name}`, 'utf8'));
const hf = new HfTokenizer(read('tokenizer.json'), read('tokenizer_config.json'));
const tokenizer: Tokenizer = {
  encode: (text) => hf.encode(text, { add_special_tokens: false }).ids,
  decode: (ids) => hf.decode([...ids]),
  tokenToId: (token) => hf.token_to_id(token),
  idToToken: (id) => hf.id_to_token(id),
  special: { cls: 101, sep: 102, mask: 103, pad: 0, unk: 100 },
  vocabularySize: 30_522,
};

const mapping = parseMapping(`{'negative': 'terrible', 'positive': 'great'}`);
const { labelWordIds } = createVerbalizer(mapping, ['negative', 'positive'], tokenizer); // [6659, 2307]

const encode = compileTemplate('*cls**sent_0*_It_was*mask*.*sep+*', tokenizer, {
  labelWordIds,
  maxLength: 128,
  firstSentenceLimit: 8,
});
const prompt = encode(['A gentle, funny film that never raises its voice.']);
console.log(prompt.position); // 11
console.log(renderPromptPlain(describePrompt(prompt, tokenizer)));
