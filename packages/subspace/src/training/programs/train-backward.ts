import type { tf } from '@ntk-lens/engine';
import { defineBackward, localName, type Stage, siteParameters, type Wanted } from '@ntk-lens/models';
import type { WeightUse } from '../variables/plan-variables.js';
import { sumRows } from './sum-rows.js';

/** Local name of the table of an embedding site. */
const tableOf = (site: string): string => localName({ name: site }, 'table');

/**
 * With respect to what a stage is differentiated in training: at the sites whose trained tables are looked up, and by
 * all other trained weights.
 *
 * @param input whether something is trained below the stage
 */
export const wantedOf = (stage: Stage, uses: Readonly<Record<string, WeightUse>>, input: boolean): Wanted => {
  const trained = (local: string) => uses[local]!.kind !== 'frozen';
  const lookups = stage.sites.flatMap(siteParameters).filter(({ lookup }) => lookup !== undefined);
  const tables = new Set(lookups.map(({ local }) => local));
  return {
    sites: lookups.filter(({ local }) => trained(local)).map(({ site }) => site.name),
    weights: Object.keys(uses).filter((local) => trained(local) && !tables.has(local)),
    input,
  };
};

/**
 * Backward pass of one stage in training: the gradients of trained weights by local name, each in its own shape. Those
 * of tables are summed by row from the cotangents of their uses.
 */
export const trainBackward = defineBackward(
  'train',
  (gradients, { wanted }: { readonly wanted: Wanted }, { weights }): Readonly<Record<string, tf.Tensor>> => {
    const dense = wanted.weights.map((local) => [local, gradients.weight(local)[0]!] as const);
    const tables = wanted.sites.map((site) => {
      const local = tableOf(site);
      const [rows, width] = weights[local]!.shape as [number, number];
      const ids = gradients.activation(site).flatten().toInt() as tf.Tensor1D;
      const cotangents = gradients.cotangents(site)[0]!.reshape([ids.shape[0], width]) as tf.Tensor2D;
      return [local, sumRows(ids, cotangents, rows)] as const;
    });
    return Object.fromEntries([...dense, ...tables]);
  },
);
