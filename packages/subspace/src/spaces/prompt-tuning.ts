import { BadArgumentError, type NDArray, ndarray } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import {
  defineExtension,
  type EmbeddingSite,
  embeddingSite,
  type LanguageModel,
  type SideInputs,
  type Stage,
  wordSites,
} from '@ntk-lens/models';
import { normal, randomOf } from '../projections/random-values.js';
import type { ParameterSpace } from '../space.js';
import { formatSpec, type SpaceSyntax } from '../syntax/space-syntax.js';
import { shorterSequences } from './shorter-sequences.js';
import { createSpaceModel } from './space-model.js';

export interface PromptTuningOptions {
  /** Soft tokens in front of every input. */
  readonly tokens: number;
  /** Their first values: embeddings of random words of the vocabulary, or normal numbers. Default: `vocabulary`. */
  readonly init?: 'vocabulary' | 'normal';
}

/** The soft tokens, as PEFT names them. */
export const PROMPT_EMBEDDINGS = 'prompt_embeddings';

const SITE = 'prompt';

/**
 * Prompt tuning (Lester et al. 2021): trainable embeddings in front of the input's. Positions count on behind
 * them, attention sees them, and logits are read where they were.
 *
 * @example
 * ```ts
 * const prompt = await promptTuningSpace({ tokens: 10 }).apply(model, { seed: 1 });
 * prompt.trainable; // Map { 'prompt_embeddings' => [10, 384] }
 * ```
 * @throws BadArgumentError for a number of tokens that is not positive or leaves no room for the input
 */
export const promptTuningSpace = ({ tokens, init = 'vocabulary' }: PromptTuningOptions): ParameterSpace => {
  if (!(Number.isInteger(tokens) && tokens > 0))
    throw new BadArgumentError('tokens', tokens, 'a positive integer');
  return {
    spec: formatSpec('prompt', { tokens, init: init === 'normal' ? init : undefined }),
    async apply(base, { seed = 0 } = {}) {
      const words = wordsOf(base);
      const shape = [tokens, words.table.shape[1]!];
      const initial = () =>
        init === 'normal'
          ? normal(randomOf(seed, PROMPT_EMBEDDINGS), shape, base.config.initializerRange)
          : sampleRows(base, words.table.name, tokens, seed);
      const offset = 'positionOffset' in base.config ? base.config.positionOffset : 0;
      return createSpaceModel({
        base,
        space: this,
        seed,
        merge: false,
        config: shorterSequences(base.config, tokens),
        added: new Map([[PROMPT_EMBEDDINGS, { shape, initial }]]),
        stages: (list) => list.map((stage) => promptStage(stage, words.name, shape, offset)),
      });
    },
  };
};

const wordsOf = (model: LanguageModel): EmbeddingSite => wordSites(model.stages([0])[0]!.sites)[0]!;

const sampleRows = async (
  model: LanguageModel,
  table: string,
  count: number,
  seed: number,
): Promise<NDArray<'float32'>> => {
  const { data, shape } = await model.read(table);
  const [rows, width] = shape as [number, number];
  const random = randomOf(seed, PROMPT_EMBEDDINGS);
  const taken = new Float32Array(count * width);
  for (let i = 0; i < count; i++) {
    const row = random.randint(0, rows);
    taken.set(data.subarray(row * width, (row + 1) * width), i * width);
  }
  return ndarray<'float32'>(taken, [count, width]);
};

interface PromptSettings {
  readonly tokens: number;
  /** Position of the first token. */
  readonly offset: number;
  /** Site of the words in front of which the soft tokens are put; absent where the stage has none. */
  readonly words: string | undefined;
}

const withPrompt = defineExtension(({ tokens, offset, words }: PromptSettings, own, side) => ({
  side: lengthen(side, tokens, offset),
  context: {
    site: (name, activation, output) => {
      const y = own.context.site(name, activation, output);
      return name === words ? tf.concat([own.use(SITE, y), y], 1) : y;
    },
  },
}));

const promptStage = (stage: Stage, words: string, shape: readonly number[], offset: number): Stage => {
  const first = wordSites(stage.sites).some(({ name }) => name === words);
  return withPrompt(stage, {
    sites: first ? [embeddingSite(SITE, 'rows', { name: PROMPT_EMBEDDINGS, shape })] : [],
    settings: { tokens: shape[0]!, offset, words: first ? words : undefined },
  });
};

/** Side inputs of sequences with more tokens in front; token ids stay those of the input. */
const lengthen = (side: SideInputs, tokens: number, offset: number): SideInputs => {
  const n = side.ids.shape[0]!;
  const front = tf.tensor2d(
    Int32Array.from({ length: n * tokens }, (_, i) => offset + (i % tokens)),
    [n, tokens],
    'int32',
  );
  const moved = side.positions.add(tf.scalar(tokens, 'int32'));
  return {
    ids: side.ids,
    positions: tf.concat([front, moved], 1),
    types: tf.concat([tf.zeros([n, tokens], 'int32'), side.types], 1),
    attention: tf.concat([tf.ones([n, tokens]), side.attention], 1),
    readout: tf.concat([tf.zeros([n, side.readout.shape[1]!, tokens]), side.readout], 2),
    branches: side.branches && tf.concat([tf.zeros([n, tokens]), side.branches], 1),
  };
};

export const promptSyntax: SpaceSyntax = {
  name: 'prompt',
  usage: 'prompt:10[,init=normal]',
  summary: 'soft tokens in front of the input',
  first: 'tokens',
  parse: (args) => {
    const tokens = args.required('tokens', args.integer('tokens', 1));
    const init = args.choice('init', ['vocabulary', 'normal']);
    return promptTuningSpace({ tokens, init });
  },
};
