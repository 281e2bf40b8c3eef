import * as z from 'zod';
import type { DistanceRows } from '../../sites/distance-rows.js';
import { type Complain, name, size } from './config-fields.js';
import type { DistanceMeetings } from './disentangled-attention.js';

/** −1 stands for nothing. */
const sizeOrNone = size.or(z.literal([0, -1]));

/** Fields of relative positions. */
export const distanceFields = {
  pos_att_type: z.union([name, z.array(name).max(4)]).nullish(),
  relative_attention: z.boolean().default(false),
  position_buckets: sizeOrNone.default(-1),
  max_relative_positions: sizeOrNone.default(-1),
};

/** The meetings of contents and distances, which transformers reads from a list or from names between bars. */
export const meetingsOf = (
  types: string | readonly string[] | null | undefined,
  complain: Complain,
): DistanceMeetings => {
  const list = typeof types === 'string' ? types.toLowerCase().split('|') : (types ?? []);
  const named = list.map((type) => type.trim()).filter((type) => type !== '');
  const strange = named.find((type) => type !== 'c2p' && type !== 'p2c');
  if (strange !== undefined) complain(`pos_att_type "${strange}"`, '"c2p" or "p2c"');
  return { queries: named.includes('c2p'), keys: named.includes('p2c') };
};

/** The rows of the table of distances, where the model has one. */
export const distanceRowsOf = (
  fields: z.output<z.ZodObject<typeof distanceFields>>,
  positions: number,
  complain: Complain,
): DistanceRows | undefined => {
  const { relative_attention: relative, position_buckets: buckets, max_relative_positions } = fields;
  const farthest = max_relative_positions > 0 ? max_relative_positions : positions;
  if (!relative) return undefined;
  if (buckets < 1) return { span: farthest };
  if (buckets === 1) complain('position_buckets 1', 'at least 2, or -1');
  if (farthest <= Math.floor(buckets / 2) + 1)
    complain(
      `position_buckets ${buckets} for ${farthest} relative positions`,
      'relative positions beyond half the buckets',
    );
  return { span: buckets, maxDistance: farthest };
};
