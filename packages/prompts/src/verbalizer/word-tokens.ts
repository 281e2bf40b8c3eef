import type { Tokenizer } from '@ntk-lens/core';

/** The prefix in a mapping of a token that is meant exactly as the vocabulary writes it. */
export const TOKEN_PREFIX = 'token:';

/** The marks of vocabularies on a token that follows a space, continues a word, or ends one. */
const MARKED = /^(?:Ġ|▁|##).|.<\/w>$/u;
const MARKS = /^(?:Ġ|▁|##)+|<\/w>$/gu;

/** Scripts that put no spaces between words. */
const WITHOUT_SPACES =
  /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}\p{M}ー]+$/u;

/** A word that starts so is a token as it stands; any other is tokenized after a space. */
const standsAlone = (word: string): boolean => /^[<[.,]/.test(word);

/**
 * The token that a mapping names as the vocabulary writes it: `Ġgreat`, `▁great`, `##ing`, `ing</w>`, or anything after
 * `token:`. Undefined for an ordinary word.
 */
const namedToken = (word: string, tokenizer: Tokenizer): string | undefined => {
  if (word.startsWith(TOKEN_PREFIX)) return word.slice(TOKEN_PREFIX.length);
  const mark = MARKED.test(word) ? word.match(MARKS)?.[0] : undefined;
  if (mark === undefined || mark === '') return undefined;
  // A vocabulary that has no such mark takes it for characters of the word.
  const [probe] = [`${mark}a`, `a${mark}`].filter((token) => tokenizer.tokenToId(token) !== undefined);
  return probe === undefined && tokenizer.tokenToId(word) === undefined ? undefined : word;
};

/**
 * The tokens of a label word.
 *
 * @returns undefined for a token that is named as the vocabulary writes it, but that it does not have
 */
export const tokensOfWord = (word: string, tokenizer: Tokenizer): readonly number[] | undefined => {
  const named = namedToken(word, tokenizer);
  if (named !== undefined) {
    const id = tokenizer.tokenToId(named);
    return id === undefined ? undefined : [id];
  }
  const id = tokenizer.tokenToId(word);
  if (standsAlone(word)) return id === undefined ? tokenizer.encode(word) : [id];
  const spaced = afterSpace(word, tokenizer);
  const single = spaced.length === 1 && spaced[0] !== tokenizer.special.unk;
  if (single || !WITHOUT_SPACES.test(word)) return spaced;
  if (id !== undefined) return [id];
  const [first, ...rest] = tokenizer.encode(word);
  const lone = rest.length > 0 && /^(?:Ġ|▁)$/.test(tokenizer.idToToken(first!) ?? '');
  return lone ? rest : tokenizer.encode(word);
};

/** The tokens of a word after a space. A tokenizer that puts a space before every text, as Llama's, puts that one alone. */
const afterSpace = (word: string, tokenizer: Tokenizer): readonly number[] => {
  const spaced = tokenizer.encode(` ${word}`);
  if (tokenizer.idToToken(spaced[0] ?? -1) !== '▁') return spaced;
  const plain = tokenizer.encode(word);
  return String(spaced.slice(1)) === String(plain) ? plain : spaced;
};

const core = (token: string): string => token.replace(MARKS, '').trim().toLowerCase();

/**
 * Up to five tokens of the vocabulary that equal the word up to marks and case, else that begin it, the
 * longest first.
 */
export const tokensNear = (word: string, tokenizer: Tokenizer): readonly string[] => {
  const wanted = core(word.startsWith(TOKEN_PREFIX) ? word.slice(TOKEN_PREFIX.length) : word);
  if (wanted === '') return [];
  const same: string[] = [];
  const begin: string[] = [];
  for (let id = 0; id < tokenizer.vocabularySize; id++) {
    const token = tokenizer.idToToken(id);
    const plain = token === undefined ? '' : core(token);
    if (plain === '') continue;
    if (plain === wanted) same.push(token!);
    else if (wanted.startsWith(plain)) begin.push(token!);
  }
  begin.sort((a, b) => core(b).length - core(a).length);
  return (same.length > 0 ? same : begin).slice(0, 5);
};
