import type { SentencePiece } from '../template/piece.js';

/** The text that a sentence piece hands to the tokenizer. Characters are code points, as in Python. */
export const sentenceText = (piece: SentencePiece, sentence: string): string => {
  let text = sentence;
  if (piece.firstLetter !== 'as-is') {
    const [first = ''] = text;
    const changed = piece.firstLetter === 'lower' ? first.toLowerCase() : first.toUpperCase();
    text = changed + text.slice(first.length);
  }
  if (piece.dropLast) text = text.slice(0, text.length - lastCodePointLength(text));
  return piece.leadingSpace ? ` ${text}` : text;
};

const lastCodePointLength = (text: string): number =>
  text === '' ? 0 : /[\ud800-\udbff][\udc00-\udfff]$/.test(text.slice(-2)) ? 2 : 1;
