import * as z from 'zod';
import { type Complain, name, size } from './config-fields.js';
import { type Rope, type RopeScaling, rotatedSize } from './rope.js';

const positive = z.number().gt(0).max(1e12);

const ropeObject = z.object({
  rope_type: name.nullish(),
  type: name.nullish(),
  rope_theta: positive.nullish(),
  partial_rotary_factor: z.number().gt(0).max(1).nullish(),
  factor: positive.nullish(),
  original_max_position_embeddings: size.nullish(),
  low_freq_factor: positive.nullish(),
  high_freq_factor: positive.nullish(),
  attention_factor: positive.nullish(),
  beta_fast: positive.nullish(),
  beta_slow: positive.nullish(),
  mscale: z.number().min(0).max(1e6).nullish(),
  mscale_all_dim: z.number().min(0).max(1e6).nullish(),
  truncate: z.boolean().nullish(),
});

/** Rotary positions as config.json has them in one object, for one kind of layer. */
export type RopeObject = z.output<typeof ropeObject>;

/** Rotary positions as transformers 5 (`rope_parameters`) and transformers 4 (the others) write them. */
export const ropeFields = {
  rope_parameters: ropeObject.extend({ full_attention: z.unknown().optional() }).nullish(),
  rope_scaling: ropeObject.nullish(),
  rope_theta: positive.nullish(),
  partial_rotary_factor: z.number().gt(0).max(1).nullish(),
  original_max_position_embeddings: size.nullish(),
};
type RopeFields = z.output<z.ZodObject<typeof ropeFields>>;

/** The same where kinds of layers have objects of their own, below their names. */
export const layeredRopeFields = {
  ...ropeFields,
  rope_parameters: z
    .object({ full_attention: ropeObject.nullish(), sliding_attention: ropeObject.nullish() })
    .nullish(),
  rope_local_base_freq: positive.nullish(),
};

/** The numbers of a configuration that rotary positions depend on. */
export interface RopeContext {
  readonly theta: number;
  readonly partial?: number | null;
  readonly positions: number;
  readonly originalPositions?: number | null;
  readonly headSize: number;
}

/** The rotary positions of a model all of whose layers have the same. */
export const ropeOf = (
  fields: RopeFields,
  context: Pick<RopeContext, 'positions' | 'headSize'> & { readonly theta?: number },
  complain: Complain,
): Rope => {
  const scaling = fields.rope_scaling;
  if (fields.rope_parameters?.full_attention !== undefined)
    complain('rope_parameters by kind of layer', 'one object for all layers');
  const object = scaling && Object.keys(scaling).length > 0 ? scaling : (fields.rope_parameters ?? {});
  const named = {
    ...context,
    theta: fields.rope_theta ?? context.theta ?? 10_000,
    partial: fields.partial_rotary_factor,
    originalPositions: fields.original_max_position_embeddings,
  };
  return ropeFrom(object, named, complain);
};

/** Refuses rotary positions of parts of heads, where transformers leaves such a factor out, or fails. */
export const wholeHeads = (rope: Rope, complain: Complain): Rope =>
  rope.partial === 1 ? rope : complain(`partial_rotary_factor ${rope.partial}`, '1, the whole of a head');

/** The rotary positions of a model whose layers with a window have their own, as Gemma 3. */
export const layeredRopes = (
  fields: z.output<z.ZodObject<typeof layeredRopeFields>>,
  context: Pick<RopeContext, 'positions' | 'headSize'>,
  complain: Complain,
): { readonly full: Rope; readonly windowed: Rope } => {
  const { full_attention: full, sliding_attention: windowed } = fields.rope_parameters ?? {};
  const of = (object: RopeObject, theta: number) =>
    wholeHeads(
      ropeFrom(object, { ...context, theta, partial: fields.partial_rotary_factor }, complain),
      complain,
    );
  return {
    full: of({ ...full, ...fields.rope_scaling }, fields.rope_theta ?? 1_000_000),
    windowed: of(windowed ?? {}, fields.rope_local_base_freq ?? 10_000),
  };
};

/** The rotary positions that one object describes, with what the configuration says outside of it. */
export const ropeFrom = (object: RopeObject, context: RopeContext, complain: Complain): Rope => {
  const rope: Rope = {
    theta: object.rope_theta ?? context.theta,
    partial: object.partial_rotary_factor ?? context.partial ?? 1,
    scaling: scalingOf(object, context, complain),
  };
  const rotated = rotatedSize(rope, context.headSize);
  if (rotated < 2 || rotated % 2 !== 0)
    complain(`rotary positions of ${rotated} numbers of a head`, 'an even number of at least 2');
  return rope;
};

const scalingOf = (object: RopeObject, context: RopeContext, complain: Complain): RopeScaling => {
  const type = object.rope_type ?? object.type ?? 'default';
  const { factor } = object;
  const need = (value: number | null | undefined, field: string): number =>
    value ?? complain(`rope_type "${type}" without ${field}`, 'the field');
  const originalPositions =
    context.originalPositions ?? object.original_max_position_embeddings ?? context.positions;
  switch (type) {
    case 'default':
      return { type };
    // Changes frequencies only beyond max_position_embeddings, and by the length of a batch. No example is as long.
    case 'dynamic':
      need(factor, 'factor');
      return { type: 'default' };
    case 'linear':
      return { type, factor: need(factor, 'factor') };
    case 'llama3': {
      const lowFrequency = need(object.low_freq_factor, 'low_freq_factor');
      const highFrequency = need(object.high_freq_factor, 'high_freq_factor');
      if (highFrequency <= lowFrequency)
        complain(`high_freq_factor ${highFrequency}`, `more than low_freq_factor ${lowFrequency}`);
      return { type, factor: need(factor, 'factor'), lowFrequency, highFrequency, originalPositions };
    }
    case 'yarn': {
      const stretch = factor ?? context.positions / originalPositions;
      return {
        type,
        factor: stretch,
        attention: object.attention_factor ?? yarnAttention(stretch, object),
        betaFast: object.beta_fast ?? 32,
        betaSlow: object.beta_slow ?? 1,
        truncate: object.truncate ?? true,
        originalPositions,
      };
    }
    default:
      return complain(`rope_type "${type}"`, 'one of default, linear, dynamic, llama3, yarn');
  }
};

/** The factor of cosines and sines that YaRN recommends (Peng et al. 2023), in the version of DeepSeek where that is named. */
const yarnAttention = (factor: number, { mscale, mscale_all_dim: everywhere }: RopeObject): number => {
  const of = (scale: number) => (factor <= 1 ? 1 : 0.1 * scale * Math.log(factor) + 1);
  return mscale && everywhere ? of(mscale) / of(everywhere) : of(1);
};
