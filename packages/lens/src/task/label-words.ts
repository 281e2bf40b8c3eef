import type { EncodedExample } from '@ntk-lens/core';
import { type Architecture, type LabelWordIds, withBranches } from '@ntk-lens/models';
import type { EncodedPrompt, Verbalizer } from '@ntk-lens/prompts';

/** Label words as outputs of a model: the first token of each, or under `joint` all of them. */
export const labelWordIdsOf = ({ rule, words, labelWordIds }: Verbalizer): LabelWordIds =>
  rule === 'joint' ? words.map(({ ids }) => ids) : labelWordIds;

/** Tokens of the longest label word behind a prompt of a causal model: all that are read, under a rule that reads them. */
export const tokensBehind = (
  { rule, words }: Verbalizer,
  { objective }: Pick<Architecture, 'objective'>,
): number =>
  objective === 'causal' && (rule === 'joint' || rule === 'mean')
    ? Math.max(...words.map(({ ids }) => ids.length - 1))
    : 0;

/** A prompt as a model reads it for these label words. */
export const asRead = (
  { inputIds, position }: EncodedPrompt,
  verbalizer: Verbalizer | undefined,
  reader: Pick<Architecture, 'objective'>,
): EncodedExample =>
  verbalizer && tokensBehind(verbalizer, reader) > 0
    ? withBranches(
        { inputIds, position },
        verbalizer.words.map(({ ids }) => ids),
      )
    : { inputIds, position };
