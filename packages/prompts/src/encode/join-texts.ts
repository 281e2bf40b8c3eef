import type { Tokenizer } from '@ntk-lens/core';
import type { Draft } from './assemble.js';

const isText = ({ piece, text }: Draft): boolean =>
  text !== undefined && (piece.kind === 'text' || piece.kind === 'sentence');

/** A draft without what its limit cuts off. */
const limited = (draft: Draft, encode: NonNullable<Tokenizer['encodeWithOffsets']>): Draft => {
  const { text = '', limit, ids } = draft;
  if (limit === undefined || ids.length <= limit) return draft;
  const end = limit === 0 ? 0 : encode(text).offsets[limit - 1]![1];
  return { ...draft, text: text.slice(0, end), cut: ids.slice(limit) };
};

/**
 * Tokenizes texts that follow each other as one text, as transformers tokenizes a prompt of a causal model. A token may reach
 * over the end of a piece: `.` and a newline are one token of Llama 3. A tokenizer that puts a space before a text puts it
 * before the first alone. A token belongs to the piece in which it begins.
 */
export const joinTexts = (drafts: readonly Draft[], tokenizer: Tokenizer): Draft[] => {
  const encode = tokenizer.encodeWithOffsets?.bind(tokenizer);
  if (!encode) return [...drafts];
  const joined: Draft[] = [];
  for (let from = 0; from < drafts.length; ) {
    let to = from;
    while (to < drafts.length && isText(drafts[to]!)) to++;
    if (to <= from + 1) {
      joined.push(drafts[from]!);
      from++;
      continue;
    }
    joined.push(
      ...asOneText(
        drafts.slice(from, to).map((draft) => limited(draft, encode)),
        encode,
      ),
    );
    from = to;
  }
  return joined;
};

const asOneText = (
  drafts: readonly Draft[],
  encode: NonNullable<Tokenizer['encodeWithOffsets']>,
): Draft[] => {
  const { ids, offsets } = encode(drafts.map(({ text = '' }) => text).join(''));
  const own = drafts.map((): number[] => []);
  let at = 0;
  let end = drafts[0]!.text!.length;
  for (const [t, id] of ids.entries()) {
    while (at < drafts.length - 1 && offsets[t]![0] >= end) end += drafts[++at]!.text!.length;
    own[at]!.push(id);
  }
  return drafts.map((draft, i) => ({ ...draft, ids: own[i]!, limit: undefined }));
};
