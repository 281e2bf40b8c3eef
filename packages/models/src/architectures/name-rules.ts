import type { ModelType } from '../config/model-config.js';
import type { NameRules } from '../names/weight-names.js';

const robertaRules: NameRules = {
  base: 'roberta.',
  decoderWeight: 'lm_head.decoder.weight',
  wordEmbeddings: 'roberta.embeddings.word_embeddings.weight',
  head: ['lm_head.'],
};

/** Naming of each architecture in transformers' checkpoints. */
export const nameRules = {
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
} satisfies Readonly<Record<ModelType, NameRules>>;
