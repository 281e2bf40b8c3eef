import { defineExtension, embeddingSite, type Stage } from '@ntk-lens/models';
import { normal, randomOf } from '../projections/random-values.js';
import { attendToPrefix } from './attend-to-prefix.js';
import type { AddedParameter } from './space-model.js';

/** The source of the layers' prefixes. */
export interface PrefixSource {
  readonly added: ReadonlyMap<string, AddedParameter>;
  /** A layer that also attends to its prefix. */
  extend(layer: Stage): Stage;
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

const parts = ['key', 'value'] as const;

const withTables = defineExtension((tokens: number, own) =>
  attendToPrefix(own, tokens, (examples) => ({
    key: own.use('prefix.key', examples),
    value: own.use('prefix.value', examples),
  })),
);

/** One table of keys and one of values per layer. */
export const prefixTables = (options: PrefixSourceOptions): PrefixSource => {
  const shape = [options.tokens, options.size];
  const added = new Map<string, AddedParameter>();
  for (const layer of options.layers) {
    for (const part of parts) {
      const name = prefixName(layer, part);
      added.set(name, {
        shape,
        initial: () => normal(randomOf(options.seed, name), shape, options.deviation),
      });
    }
  }
  return {
    added,
    extend: (layer) =>
      withTables(layer, {
        settings: options.tokens,
        sites: parts.map((part) =>
          embeddingSite(`prefix.${part}`, 'rows', { name: prefixName(layer.name, part), shape }),
        ),
      }),
  };
};
