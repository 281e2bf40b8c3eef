import { type EncodedExample, Mt19937 } from '@ntk-lens/core';
import { architectureOf, type LanguageModel } from '@ntk-lens/models';

const LENGTHS = [5, 24, 11];

/** Examples of random tokens and two random label words: numbers need no meaning to be compared. */
export const defaultExamples = (
  { config }: Pick<LanguageModel, 'config'>,
  seed: number,
): { readonly examples: readonly EncodedExample[]; readonly labelWordIds: readonly number[] } => {
  const random = new Mt19937(seed);
  const token = (): number => {
    for (;;) {
      const id = random.interval(config.vocabSize - 1);
      if (id !== config.padTokenId) return id;
    }
  };
  const examples = LENGTHS.map((wanted): EncodedExample => {
    const length = Math.min(wanted, config.maxTokens);
    const inputIds = Array.from({ length }, token);
    const position = architectureOf(config).objective === 'causal' ? length - 1 : random.interval(length - 1);
    return { inputIds, position };
  });
  return { examples, labelWordIds: random.choice(config.vocabSize, 2) };
};
