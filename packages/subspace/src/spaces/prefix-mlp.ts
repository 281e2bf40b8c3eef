import { zeros } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import { defineExtension, embeddingSite, type LanguageModel, linearSite, type Site } from '@ntk-lens/models';
import { normal, randomOf, uniform } from '../projections/random-values.js';
import { attendToPrefix } from './attend-to-prefix.js';
import type { PrefixSource, PrefixSourceOptions } from './prefix-tables.js';
import type { AddedParameter } from './space-model.js';

const TABLE = 'prefix.embedding';
const INNER = 'prefix.mlp.0';
const OUTER = 'prefix.mlp.2';

interface MlpSettings {
  readonly tokens: number;
  /** Width of keys and values, all heads together. */
  readonly size: number;
}

const withMlp = defineExtension(({ tokens, size }: MlpSettings, own) =>
  attendToPrefix(own, tokens, (examples) => {
    const inner = own.use('prefix.inner', own.use('prefix.embedding', examples)).tanh();
    const both = own.use('prefix.outer', inner);
    const n = both.shape[0]!;
    return {
      key: tf.slice(both, [0, 0, 0], [n, tokens, size]),
      value: tf.slice(both, [0, 0, size], [n, tokens, size]),
    };
  }),
);

/**
 * Keys and values of all layers from one table `[tokens, d]` through a tanh layer (Li & Liang 2021): outputs
 * are those of PEFT's `PrefixEncoder`, key and value of layer 0, of layer 1, ….
 */
export const prefixMlp = (options: PrefixSourceOptions & { readonly width: number }): PrefixSource => {
  const { layers, tokens, size, seed, deviation, width } = options;
  const outputs = 2 * layers.length * size;
  const added = new Map<string, AddedParameter>();
  const add = (name: string, shape: readonly number[], initial: AddedParameter['initial']) =>
    added.set(name, { shape, initial });
  const dense = (module: string, rows: number, columns: number) => {
    const name = `${module}.weight`;
    const limit = 1 / Math.sqrt(columns);
    add(name, [rows, columns], () => uniform(randomOf(seed, name), [rows, columns], limit));
    add(`${module}.bias`, [rows], () => zeros('float32', [rows]));
  };
  add(TABLE, [tokens, size], () => normal(randomOf(seed, TABLE), [tokens, size], deviation));
  dense(INNER, width, size);
  dense(OUTER, outputs, width);
  const sites = (layer: string): Site[] => {
    const part = { axis: 0, start: 2 * layers.indexOf(layer) * size, size: 2 * size };
    return [
      embeddingSite('prefix.embedding', 'rows', { name: TABLE, shape: [tokens, size] }),
      linearSite('prefix.inner', INNER, size, width),
      {
        kind: 'linear',
        name: 'prefix.outer',
        weight: { name: `${OUTER}.weight`, shape: [outputs, width], part },
        bias: { name: `${OUTER}.bias`, shape: [outputs], part },
      },
    ];
  };
  return {
    added,
    extend: (layer) => withMlp(layer, { sites: sites(layer.name), settings: { tokens, size } }),
  };
};

/** The result of a point's MLP: keys and values of all layers, `[tokens, 2 · layers · d]`. */
export const mlpOutput = async (model: Pick<LanguageModel, 'read'>): Promise<Float32Array> => {
  const layer = async (
    x: Float32Array,
    module: string,
    f: (sum: number) => number,
  ): Promise<Float32Array> => {
    const { data: weight, shape } = await model.read(`${module}.weight`);
    const { data: bias } = await model.read(`${module}.bias`);
    const [rows, columns] = shape as [number, number];
    return Float32Array.from({ length: (x.length / columns) * rows }, (_, i) => {
      const [t, o] = [Math.floor(i / rows), i % rows];
      let sum = bias[o]!;
      for (let k = 0; k < columns; k++) sum += weight[o * columns + k]! * x[t * columns + k]!;
      return f(sum);
    });
  };
  const { data } = await model.read(TABLE);
  return layer(await layer(data, INNER, Math.tanh), OUTER, (sum) => sum);
};
