// Makes the files of this folder: a GPT-2 of two narrow layers with random weights, and byte pairs of tickets.csv.
// npx tsx tiny-gpt2/make.ts
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { parseModelConfig, randomModel, saveModel } from '@ntk-lens/models';

const here = fileURLToPath(new URL('.', import.meta.url));

/** The characters by which GPT-2's tokenizer writes bytes: printable ones stand for themselves. */
const printable = (byte: number) => (byte > 32 && byte < 127) || (byte > 160 && byte !== 173);
let others = 256;
const characters = Array.from({ length: 256 }, (_, byte) =>
  String.fromCharCode(printable(byte) ? byte : others++),
);

/** Joins the most frequent pair of neighbours, again and again. */
const merges: string[] = [];
const text = await readFile(new URL('../tickets.csv', import.meta.url), 'utf8');
let words = [...text.matchAll(/ ?[A-Za-z]+/g)].map(([word]) =>
  [...new TextEncoder().encode(word)].map((byte) => characters[byte]!),
);
while (merges.length < 220) {
  const counts = new Map<string, number>();
  for (const word of words)
    for (let i = 1; i < word.length; i++) {
      const pair = `${word[i - 1]} ${word[i]}`;
      counts.set(pair, (counts.get(pair) ?? 0) + 1);
    }
  const [best] = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))[0]!;
  merges.push(best);
  words = words.map((word) => {
    const joined: string[] = [];
    for (const part of word)
      if (joined.length > 0 && `${joined.at(-1)} ${part}` === best) joined.push(joined.pop()! + part);
      else joined.push(part);
    return joined;
  });
}
const tokens = ['<|endoftext|>', ...characters, ...merges.map((pair) => pair.replace(' ', ''))];
const end = { id: 0, content: '<|endoftext|>', single_word: false, lstrip: false, rstrip: false };
const byteLevel = { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true };
const tokenizer = {
  version: '1.0',
  added_tokens: [{ ...end, normalized: false, special: true }],
  pre_tokenizer: byteLevel,
  decoder: byteLevel,
  model: { type: 'BPE', vocab: Object.fromEntries(tokens.map((token, id) => [token, id])), merges },
};
const settings = { tokenizer_class: 'GPT2Tokenizer', bos_token: end.content, eos_token: end.content };
const shape = { n_embd: 24, n_head: 2, n_layer: 2, n_positions: 96, vocab_size: tokens.length };
const config = {
  model_type: 'gpt2',
  ...shape,
  bos_token_id: 0,
  eos_token_id: 0,
  activation_function: 'gelu_new',
};
const model = randomModel(parseModelConfig(config), {
  parametrization: { name: 'standard', baseWidth: 24 },
  seed: 0,
});
await writeFile(`${here}tokenizer.json`, `${JSON.stringify(tokenizer)}\n`);
await writeFile(`${here}tokenizer_config.json`, `${JSON.stringify(settings)}\n`);
await saveModel(here, model, {
  config,
  tokenizerFiles: [],
});
