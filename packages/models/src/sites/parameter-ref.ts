import { sizeOf } from '@ntk-lens/core';

/** The part of a parameter that a use takes: rows of the first axis, in this order, or a range of an axis. */
export type ParameterPart =
  | { readonly rows: readonly number[] }
  | { readonly axis: number; readonly start: number; readonly size: number };

/** A parameter as a checkpoint names it. */
export interface ParameterRef {
  /** Hugging Face name with the base prefix, e.g. `roberta.encoder.layer.0.output.dense.weight`. */
  readonly name: string;
  /** Shape in the checkpoint. */
  readonly shape: readonly number[];
  /**
   * The part that this use takes: the rows of a decoder that belong to the label words, or one third of GPT-2's fused
   * projection. Everything by default.
   */
  readonly part?: ParameterPart;
}

/** @internal Rows of the first axis that a use takes, where it takes chosen rows. */
export const rowsOf = ({ part }: ParameterRef): readonly number[] | undefined =>
  part && 'rows' in part ? part.rows : undefined;

/** @internal The range of an axis that a use takes, where it takes one. */
export const rangeOf = ({
  part,
}: ParameterRef): { readonly axis: number; readonly start: number; readonly size: number } | undefined =>
  part && 'axis' in part ? part : undefined;

/** @internal Shape of what a use takes: that in which the weight is resident. */
export const usedShape = (ref: ParameterRef): number[] => {
  const [rows, range] = [rowsOf(ref), rangeOf(ref)];
  return ref.shape.map((n, axis) =>
    axis === range?.axis ? range.size : axis === 0 && rows ? rows.length : n,
  );
};

/** Numbers in what a use takes. */
export const usedSize = (ref: ParameterRef): number => sizeOf(usedShape(ref));

/** Identifies a parameter, or the part of it that a use takes. */
export const partKey = ({ name, part }: ParameterRef): string =>
  part === undefined ? name : `${name} ${JSON.stringify(part)}`;
