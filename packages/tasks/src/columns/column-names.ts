/** Names of columns that hold labels, the plainest first; written in lower case, without what parts their words. */
const labelNames =
  'label labels goldlabel gold class classname category target y sentiment polarity intent topic emotion stance rating stars score genre tag type kind department queue priority severity status outcome result verdict decision answer quality'.split(
    ' ',
  );

/** Names of columns that hold a text. */
const textNames =
  'text texts sentence sentences content body review comment message msg tweet post utterance document input question query passage article transcript feedback complaint request email mail sms note notes phrase description abstract summary headline caption prompt title subject'.split(
    ' ',
  );

/** Names of columns that say which row it is, or when and how it came about. */
const otherNames =
  'id ids idx index uid uuid guid key no nr row line number date time datetime timestamp year month day hour created updated url link split fold set partition'.split(
    ' ',
  );

/** Names of the two texts of a pair, in order. */
const pairNames = [
  ['premise', 'hypothesis'],
  ['question', 'answer'],
  ['question', 'sentence'],
  ['question', 'passage'],
  ['question', 'context'],
  ['query', 'document'],
  ['query', 'passage'],
  ['claim', 'evidence'],
] as const;

/** `GoldLabel` and `gold_label` are the words gold and label. */
const wordsOf = (name: string): readonly string[] =>
  name
    .replace(/(?<=\p{Ll})(?=\p{Lu})/gu, ' ')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '');

/**
 * Rank of a name in a list: its place for the name itself, later places for one of its words; undefined if it
 * does not fit.
 */
const rankIn = (names: readonly string[], name: string): number | undefined => {
  const words = wordsOf(name);
  const whole = names.indexOf(words.join(''));
  if (whole >= 0) return whole;
  const ranks = words.map((word) => names.indexOf(word)).filter((rank) => rank >= 0);
  return ranks.length === 0 ? undefined : names.length + Math.min(...ranks);
};

export const labelRank = (name: string): number | undefined => rankIn(labelNames, name);
export const textRank = (name: string): number | undefined => rankIn(textNames, name);

/** True where the whole name, not one of its words, is that of a label or a text. */
export const isPlainName = (name: string): boolean => {
  const whole = wordsOf(name).join('');
  return labelNames.includes(whole) || textNames.includes(whole);
};

/** True for the name of a row's number, its date, its place and the like. */
export const isOtherName = (name: string): boolean =>
  wordsOf(name).some((word) => otherNames.includes(word)) && labelRank(name) === undefined;

/**
 * Two columns whose names say that they are the texts of a pair: `premise` and `hypothesis`, `question1` and `question2`,
 * `text_a` and `text_b`. Three numbered columns are no pair.
 */
export const pairOf = (names: readonly string[]): readonly [string, string] | undefined => {
  const plain = names.map((name) => wordsOf(name).join(''));
  const nameOf = (whole: string): string | undefined => names[plain.indexOf(whole)];
  for (const [first, second] of pairNames) {
    const [a, b] = [nameOf(first), nameOf(second)];
    if (a !== undefined && b !== undefined) return [a, b];
  }
  for (const [i, name] of plain.entries())
    for (const [one, two, three] of ['123', 'abc']) {
      const at = one === '1' ? name.indexOf('1') : name.length - 1;
      if (name[at] !== one || (one === 'a' && wordsOf(names[i]!).at(-1) !== 'a')) continue;
      const other = (character: string) => nameOf(name.slice(0, at) + character + name.slice(at + 1));
      const second = other(two!);
      if (second !== undefined && other(three!) === undefined) return [names[i]!, second];
    }
  return undefined;
};
