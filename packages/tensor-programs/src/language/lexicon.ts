/** Topics of the generated language; each is a label of its task `topic`, and its own label word. */
export const topics = ['world', 'sports', 'business', 'technology'] as const;
export type Topic = (typeof topics)[number];

/** Sentiments, labels of the task `sentiment`. */
export const sentiments = ['negative', 'positive'] as const;
export type Sentiment = (typeof sentiments)[number];

/** The judgement of a text on its subject at the end: the label words of `sentiment`. */
export const judgements: Readonly<Record<Sentiment, string>> = { negative: 'terrible', positive: 'great' };

const words = (text: string): readonly string[] => text.split(' ');

/** Who does something, by topic. */
export const actors: Readonly<Record<Topic, readonly string[]>> = {
  world: words('minister president embassy parliament diplomat army king voter mayor refugee'),
  sports: words('striker coach goalkeeper sprinter referee team swimmer captain cyclist boxer'),
  business: words('bank investor retailer broker manager airline factory trader owner insurer'),
  technology: words(
    'engineer hacker robot programmer laboratory inventor startup designer scientist analyst',
  ),
};

/** Actions, by topic. */
export const actions: Readonly<Record<Topic, readonly string[]>> = {
  world: words('signed opposed announced negotiated rejected'),
  sports: words('scored defended trained played missed'),
  business: words('bought sold financed advertised priced'),
  technology: words('coded tested patched installed launched'),
};

/** Objects of the actions, by topic. */
export const objects: Readonly<Record<Topic, readonly string[]>> = {
  world: words('treaty border election reform summit alliance law crisis speech visa'),
  sports: words('goal match race penalty season trophy tournament serve defence final'),
  business: words('merger loan share budget contract tax warehouse brand fund invoice'),
  technology: words('software chip server sensor battery browser network algorithm satellite keyboard'),
};

/** Words that only texts of one sentiment use, unless they are negated. */
export const adjectives: Readonly<Record<Sentiment, readonly string[]>> = {
  negative: words('awful dull poor clumsy weak boring ugly sloppy dreadful bad tedious shabby'),
  positive: words('superb clever fine brilliant strong lovely elegant sharp wonderful good bright charming'),
};

/** Words without a topic or a sentiment. */
export const fillers = {
  determiners: words('the a this every'),
  degrees: words('very quite rather really'),
  times: words('today yesterday again finally'),
  negation: 'not',
  grammar: words('was and it article is about news .'),
} as const;

/** BERT's special tokens, in the order of its vocabularies. */
export const specialTokens = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;

const all = [
  ...specialTokens,
  ...fillers.determiners,
  ...fillers.degrees,
  ...fillers.times,
  fillers.negation,
  ...fillers.grammar,
  ...topics,
  ...sentiments.flatMap((sentiment) => [judgements[sentiment], ...adjectives[sentiment]]),
  ...topics.flatMap((topic) => [...actors[topic], ...actions[topic], ...objects[topic]]),
];

/** Every token; its place is its id. */
export const vocabulary: readonly string[] = [...new Set(all)];

const ids = new Map(vocabulary.map((word, id) => [word, id]));

/**
 * Id of a word of the language.
 *
 * @throws Error for any other text: what makes texts here knows all words
 */
export const wordId = (word: string): number => {
  const id = ids.get(word);
  if (id === undefined) throw new Error(`"${word}" is not in the vocabulary.`);
  return id;
};
