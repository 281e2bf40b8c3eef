import { sizeOf } from '@ntk-lens/core';

/** A range of an axis of a parameter, or equal ranges of it at equal distances. */
export interface ParameterRange {
  readonly axis: number;
  readonly start: number;
  /** Entries of one range along the axis. */
  readonly size: number;
  /** Number of ranges. Default: 1. */
  readonly blocks?: number;
  /** Distance from the start of one range to that of the next. Default: `size`. */
  readonly stride?: number;
}

/** The part of a parameter that a use takes: rows of the first axis, in this order, or a range of an axis. */
export type ParameterPart = { readonly rows: readonly number[] } | ParameterRange;

/** A parameter as a checkpoint names it. */
export interface ParameterRef {
  /** Hugging Face name with the base prefix, e.g. `roberta.encoder.layer.0.output.dense.weight`. */
  readonly name: string;
  /** Shape in the checkpoint. */
  readonly shape: readonly number[];
  /**
   * The part that this use takes: the rows of a decoder that belong to the label words, one third of GPT-2's fused
   * projection, or one third for each head of GPT-NeoX's. Default: everything.
   */
  readonly part?: ParameterPart;
}

/**
 * Rows of the first axis that a use of a parameter takes, where it takes chosen rows.
 *
 * @example
 * ```ts
 * rowsOf({ name: 'lm_head.decoder.weight', shape: [50265, 768], part: { rows: [205, 372] } }); // [205, 372]
 * ```
 */
export const rowsOf = ({ part }: ParameterRef): readonly number[] | undefined =>
  part && 'rows' in part ? part.rows : undefined;

/**
 * The range of an axis that a use of a parameter takes, where it takes one.
 *
 * @example
 * ```ts
 * // The keys in the fused projection of GPT-2.
 * rangeOf({ name: 'c_attn.weight', shape: [768, 2304], part: { axis: 1, start: 768, size: 768 } })?.start; // 768
 * ```
 */
export const rangeOf = ({ part }: ParameterRef): ParameterRange | undefined =>
  part && 'axis' in part ? part : undefined;

/**
 * Where each of the ranges begins along the axis, in order.
 *
 * @example
 * ```ts
 * // The keys of three heads of size 64, each beside its queries and values.
 * startsOf({ axis: 0, start: 64, size: 64, blocks: 3, stride: 192 }); // [64, 256, 448]
 * ```
 */
export const startsOf = ({ start, size, blocks = 1, stride = size }: ParameterRange): number[] =>
  Array.from({ length: blocks }, (_, i) => start + i * stride);

/** Entries that the ranges have together along their axis. */
export const lengthOf = ({ size, blocks = 1 }: ParameterRange): number => size * blocks;

/**
 * Shape of what a use of a parameter takes: the shape in which the weight is resident.
 *
 * @example
 * ```ts
 * usedShape({ name: 'lm_head.decoder.weight', shape: [50265, 768], part: { rows: [205, 372] } }); // [2, 768]
 * ```
 */
export const usedShape = (ref: ParameterRef): number[] => {
  const [rows, range] = [rowsOf(ref), rangeOf(ref)];
  return ref.shape.map((n, axis) =>
    axis === range?.axis ? lengthOf(range) : axis === 0 && rows ? rows.length : n,
  );
};

/** Numbers in what a use takes. */
export const usedSize = (ref: ParameterRef): number => sizeOf(usedShape(ref));

/** Identifies a parameter, or the part of it that a use takes. */
export const partKey = ({ name, part }: ParameterRef): string =>
  part === undefined ? name : `${name} ${JSON.stringify(part)}`;
