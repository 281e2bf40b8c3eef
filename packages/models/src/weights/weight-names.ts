import type { ModelType } from '../config/model-config.js';

/** How checkpoints of one architecture name things. */
export interface NameRules {
  /** Prefix of the base model's parameters; absent in files saved from the base model alone. */
  readonly base: string;
  readonly decoderWeight: string;
  readonly wordEmbeddings: string;
  /** Parameters of the language-model head start with one of these. */
  readonly head: readonly string[];
}

const robertaRules: NameRules = {
  base: 'roberta.',
  decoderWeight: 'lm_head.decoder.weight',
  wordEmbeddings: 'roberta.embeddings.word_embeddings.weight',
  head: ['lm_head.'],
};

/** Naming of each architecture in transformers' checkpoints. */
export const nameRules: Readonly<Record<ModelType, NameRules>> = {
  roberta: robertaRules,
  'xlm-roberta': robertaRules,
  bert: {
    base: 'bert.',
    decoderWeight: 'cls.predictions.decoder.weight',
    wordEmbeddings: 'bert.embeddings.word_embeddings.weight',
    head: ['cls.predictions.'],
  },
  distilbert: {
    base: 'distilbert.',
    decoderWeight: 'vocab_projector.weight',
    wordEmbeddings: 'distilbert.embeddings.word_embeddings.weight',
    head: ['vocab_'],
  },
  albert: {
    base: 'albert.',
    decoderWeight: 'predictions.decoder.weight',
    wordEmbeddings: 'albert.embeddings.word_embeddings.weight',
    head: ['predictions.'],
  },
  electra: {
    base: 'electra.',
    decoderWeight: 'generator_lm_head.weight',
    wordEmbeddings: 'electra.embeddings.word_embeddings.weight',
    head: ['generator_'],
  },
  gpt2: {
    base: 'transformer.',
    decoderWeight: 'lm_head.weight',
    wordEmbeddings: 'transformer.wte.weight',
    head: ['lm_head.'],
  },
};

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
