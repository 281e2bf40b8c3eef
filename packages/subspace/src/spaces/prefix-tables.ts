import type { tf } from '@ntk-lens/engine';
import type { Site, SiteContext, Tensors } from '@ntk-lens/models';
import { normal, randomOf } from './random-values.js';
import { repeatRows } from './repeat-rows.js';
import type { AddedParameter } from './space-model.js';

/** Where a layer's prefix comes from. */
export interface PrefixSource {
  /** Says what `build` computes. */
  readonly kind: string;
  readonly added: ReadonlyMap<string, AddedParameter>;
  sites(layer: string): readonly Site[];
  /** Keys and values for n examples, each `[n, tokens, d]`. */
  build(
    context: SiteContext,
    weights: Tensors,
    n: number,
  ): { readonly key: tf.Tensor; readonly value: tf.Tensor };
}

export interface PrefixSourceOptions {
  /** Stage names in the order of the network. */
  readonly layers: readonly string[];
  readonly tokens: number;
  /** Width of keys and values, all heads together. */
  readonly size: number;
  readonly seed: number;
  readonly deviation: number;
}

/** Name of a layer's table of prefix keys or values. */
export const prefixName = (layer: string, part: 'key' | 'value'): string => `prefix.${layer}.${part}`;

/** One table of keys and one of values per layer. */
export const prefixTables = (options: PrefixSourceOptions): PrefixSource => {
  const shape = [options.tokens, options.size];
  const added = new Map<string, AddedParameter>();
  for (const layer of options.layers) {
    for (const part of ['key', 'value'] as const) {
      const name = prefixName(layer, part);
      added.set(name, {
        shape,
        initial: () => normal(randomOf(options.seed, name), shape, options.deviation),
      });
    }
  }
  return {
    kind: 'tables',
    added,
    sites: (layer) =>
      (['key', 'value'] as const).map((part) => ({
        kind: 'embedding',
        name: `prefix.${part}`,
        ids: 'rows',
        table: { name: prefixName(layer, part), shape },
      })),
    build: (context, weights, n) => ({
      key: repeatRows(context, weights, 'prefix.key', n),
      value: repeatRows(context, weights, 'prefix.value', n),
    }),
  };
};
