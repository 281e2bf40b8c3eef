/** How checkpoints of one architecture name things. */
export interface NameRules {
  /** Prefix of the base model's parameters; absent in files saved from the base model alone. */
  readonly base: string;
  readonly decoderWeight: string;
  readonly wordEmbeddings: string;
  /** Parameters of the language-model head start with one of these. */
  readonly head: readonly string[];
}

/**
 * Names under which a parameter may be stored, most wanted first: as it is, without the base prefix, with
 * TensorFlow's `gamma`/`beta` for a LayerNorm, and with the head's bias beside or inside its decoder.
 */
export const storedNames = (name: string, rules: NameRules): readonly string[] => {
  const names = [name];
  if (name.startsWith(rules.base)) names.push(name.slice(rules.base.length));
  for (const head of rules.head) {
    if (name === `${head}decoder.bias`) names.push(`${head}bias`);
    if (name === `${head}bias`) names.push(`${head}decoder.bias`);
  }
  const old = names.map((n) => n.replace(/(LayerNorm|layer_norm|vocab_layer_norm)\.weight$/, '$1.gamma'));
  const older = old.map((n) => n.replace(/(LayerNorm|layer_norm|vocab_layer_norm)\.bias$/, '$1.beta'));
  return [...new Set([...names, ...older])];
};
