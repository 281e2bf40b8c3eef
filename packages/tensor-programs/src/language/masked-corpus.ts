import { BadArgumentError, type EncodedExample, Mt19937 } from '@ntk-lens/core';
import { closings, closingWords, drawText } from './grammar.js';
import { wordId } from './lexicon.js';

/** Texts with one word masked each, and the id of that word. */
export interface MaskedCorpus {
  readonly examples: readonly EncodedExample[];
  /** Token id behind the mask of every example. */
  readonly words: readonly number[];
}

const [CLS, SEP, MASK] = [wordId('[CLS]'), wordId('[SEP]'), wordId('[MASK]')];
/** Share of closings whose telling word is the one that is masked. */
const TELLING = 0.6;

/**
 * A corpus for masked language modelling: seeded texts of the generated language, each closed by what it says of its
 * sentiment, its topic, or nothing, with one word masked. In six of ten closed texts that is the telling word
 * (`great`, `sports`), else any word with the same chance.
 *
 * @example
 * ```ts
 * const { examples, words } = maskedCorpus({ size: 1000, seed: 0 });
 * examples[0]; // { inputIds: [2, …, 4, …, 3], position: 5 }
 * ```
 * @returns `size` examples, `[CLS] text [SEP]` with a `[MASK]` at `position`
 */
export const maskedCorpus = ({
  size,
  seed,
}: {
  readonly size: number;
  readonly seed: number;
}): MaskedCorpus => {
  if (!(Number.isInteger(size) && size >= 1)) throw new BadArgumentError('size', size, 'a positive integer');
  const random = new Mt19937(seed);
  const examples: EncodedExample[] = [];
  const words: number[] = [];
  for (let i = 0; i < size; i++) {
    const text = drawText(random);
    const closing = closings[random.interval(closings.length - 1)]!;
    const all = [...text.body, ...closingWords(text, closing)];
    const told = closing === 'sentiment' ? text.body.length + 2 : text.body.length + 4;
    const tells = closing !== 'none' && random.randomSample() < TELLING;
    const at = tells ? told : random.interval(all.length - 1);
    const inputIds = [CLS, ...all.map(wordId), SEP];
    words.push(inputIds[at + 1]!);
    inputIds[at + 1] = MASK;
    examples.push({ inputIds, position: at + 1 });
  }
  return { examples, words };
};
