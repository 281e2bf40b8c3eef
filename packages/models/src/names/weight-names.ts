/** Names in checkpoints of one architecture. */
export interface NameRules {
  /** Prefix of the base model's parameters; absent in files saved from the base model alone. */
  readonly base: string;
  readonly decoderWeight: string;
  readonly wordEmbeddings: string;
  /** Parameters of the language-model head start with one of these. */
  readonly head: readonly string[];
  /** Parameter → another name under which files hold it that lack its own. */
  readonly elsewhere?: ReadonlyMap<string, string>;
}

/** The facts about a model that a reader of weights must know. */
export interface CheckpointNaming {
  /** Those of the architecture, `nameRulesOf(config)`. */
  readonly rules: NameRules;
  /** The decoder and the word embeddings are one tensor, stored under either name or both. */
  readonly tieWordEmbeddings: boolean;
}

/** One parameter as it is, without the base prefix, and with TensorFlow's `gamma`/`beta` for a LayerNorm. */
const spellings = (name: string, rules: NameRules): readonly string[] => {
  const names = name.startsWith(rules.base) ? [name, name.slice(rules.base.length)] : [name];
  const old = names.map((n) => n.replace(/(LayerNorm|layer_norm|vocab_layer_norm)\.weight$/, '$1.gamma'));
  const older = old.map((n) => n.replace(/(LayerNorm|layer_norm|vocab_layer_norm)\.bias$/, '$1.beta'));
  return [...names, ...older];
};

/** The head's bias stands next to its decoder or inside it. */
const otherBias = (name: string, rules: NameRules): readonly string[] =>
  rules.head.flatMap((head) => {
    if (name === `${head}decoder.bias`) return [`${head}bias`];
    return name === `${head}bias` ? [`${head}decoder.bias`] : [];
  });

const unique = (names: readonly string[]): readonly string[] => [...new Set(names)];

/**
 * Names under which a parameter may be stored, most wanted first. It is tried as it is, without the base
 * prefix, with TensorFlow's `gamma`/`beta` for a LayerNorm, and with the head's bias next to its decoder or
 * inside it.
 */
export const storedNames = (name: string, rules: NameRules): readonly string[] =>
  unique([name, ...otherBias(name, rules)].flatMap((n) => spellings(n, rules)));

/** The same for a model, whose tied decoder is the word embeddings and may be stored under either name. */
const copiesOf = (name: string, { rules, tieWordEmbeddings }: CheckpointNaming): readonly string[] => {
  const tied = [rules.wordEmbeddings, rules.decoderWeight];
  if (!tieWordEmbeddings || !tied.includes(name)) return storedNames(name, rules);
  return unique(tied.flatMap((n) => storedNames(n, rules)));
};

/** Places where a model's parameter may be stored, most wanted first. */
export const placesOf = (name: string, naming: CheckpointNaming): readonly string[] => {
  const elsewhere = naming.rules.elsewhere?.get(name);
  return [...copiesOf(name, naming), ...(elsewhere === undefined ? [] : [elsewhere])];
};

/** Those of the places that hold one tensor. Without tying, the head's and its decoder's bias are two parameters. */
export const sameTensor = (name: string, naming: CheckpointNaming): readonly string[] =>
  naming.tieWordEmbeddings ? copiesOf(name, naming) : unique(spellings(name, naming.rules));
