import { BadArgumentError } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import { architectureOf, defineExtension, keyWidth, type LanguageModel } from '@ntk-lens/models';
import type { ParameterSpace } from '../space.js';
import { formatSpec, type SpaceSyntax } from '../syntax/space-syntax.js';
import { prefixMlp } from './prefix-mlp.js';
import { prefixTables } from './prefix-tables.js';
import { shorterSequences } from './shorter-sequences.js';
import { createSpaceModel } from './space-model.js';

export interface PrefixOptions {
  /** Trainable keys and values in front of every layer's. */
  readonly tokens: number;
  /**
   * Width of an MLP that makes all layers' keys and values of one small table (Li & Liang 2021). Choose it
   * where training the keys and values themselves is unstable. Default: no MLP.
   */
  readonly mlp?: number;
  /**
   * Positions of the input's tokens: `keep`, as without a prefix; or `shift`, behind the prefix, as models
   * with a cache of past keys count. Default: `shift` for causal models, as PEFT does, else `keep`.
   */
  readonly positions?: 'keep' | 'shift';
  /** Standard deviation of the first values. Default: the model's `initializer_range`. */
  readonly std?: number;
}

/** Names of the stages that attend, in order. */
export const prefixLayers = (model: LanguageModel): readonly string[] =>
  model
    .stages([0])
    .filter((stage) => stage.attends)
    .map((stage) => stage.name);

/**
 * Prefix tuning (Li & Liang 2021) of encoders and GPT-2: every layer attends to trainable keys and values as
 * well as its own. It is not a linear subspace of the weights (docs/theory.md, Subspaces).
 *
 * @example
 * ```ts
 * const prefix = await prefixSpace({ tokens: 20 }).apply(model, { seed: 1 });
 * prefix.dimension; // layers · 2 · 20 · width of keys
 * ```
 * @throws BadArgumentError for numbers out of range
 */
export const prefixSpace = (options: PrefixOptions): ParameterSpace & { readonly options: PrefixOptions } => {
  const { tokens, mlp, positions, std } = options;
  for (const [name, value] of Object.entries({ tokens, mlp: mlp ?? 1 }))
    if (!(Number.isInteger(value) && value > 0))
      throw new BadArgumentError(name, value, 'a positive integer');
  return {
    spec: formatSpec('prefix', { tokens, mlp, positions, std }),
    options,
    async apply(base, { seed = 0 } = {}) {
      const { config } = base;
      const layers = prefixLayers(base);
      const deviation = std ?? config.initializerRange;
      const source =
        mlp === undefined
          ? prefixTables({ layers, tokens, size: keyWidth(config), seed, deviation })
          : prefixMlp({ layers, tokens, size: keyWidth(config), seed, deviation, width: mlp });
      const counted = architectureOf(config).objective === 'causal' ? 'shift' : 'keep';
      const shift = (positions ?? counted) === 'shift';
      return createSpaceModel({
        base,
        space: this,
        seed,
        merge: false,
        config: shift ? shorterSequences(config, tokens) : undefined,
        added: source.added,
        stages: (list) =>
          list.map((stage) => {
            const extended = stage.attends ? source.extend(stage) : stage;
            return shift ? withLaterPositions(extended, { sites: [], settings: tokens }) : extended;
          }),
      });
    },
  };
};

/** Counts positions from behind so many tokens. */
const withLaterPositions = defineExtension((tokens: number, _own, side) => ({
  side: { ...side, positions: side.positions.add(tf.scalar(tokens, 'int32')) },
}));

export const prefixSyntax: SpaceSyntax = {
  name: 'prefix',
  usage: 'prefix:20[,mlp=512,positions=keep|shift,std=0.02]',
  summary: 'trainable keys and values in front of every layer',
  first: 'tokens',
  parse: (args) => {
    const tokens = args.required('tokens', args.integer('tokens', 1));
    const mlp = args.integer('mlp', 1);
    const positions = args.choice('positions', ['keep', 'shift']);
    const std = args.number('std', (x) => x >= 0, 'a number of at least 0');
    return prefixSpace({
      tokens,
      mlp,
      positions,
      std,
    });
  },
};
