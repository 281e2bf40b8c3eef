import { sizeOf } from '@ntk-lens/core';
import {
  type LanguageModel,
  type ParameterRef,
  partKey,
  type Stage,
  siteParameters,
  usedShape,
} from '@ntk-lens/models';
import { withAllRows } from './all-rows.js';

/** A use of a parameter, as rows that a projection moves. */
export interface ProjectedUse {
  /** Local name of the weight in its stage. */
  readonly local: string;
  readonly ref: ParameterRef;
  /** Identifies the parameter, or the range of an axis that is used of it, for the projection's random numbers. */
  readonly key: string;
  /** Rows of what the key stands for, and numbers per row. */
  readonly rows: number;
  readonly width: number;
  /** The site looks rows up by token ids. */
  readonly words: boolean;
}

/** Uses of chosen parameters by a stage; biases without a gradient are left out. */
export const projectedUses = (stage: Stage, moves: (name: string) => boolean): ProjectedUse[] => {
  const parameters = new Map(
    stage.sites.flatMap(siteParameters).map((parameter) => [parameter.local, parameter] as const),
  );
  return Object.entries(stage.weights).flatMap(([local, ref]) => {
    const { zero = false, lookup } = parameters.get(local) ?? {};
    if (!moves(ref.name) || zero) return [];
    const counted = withAllRows(ref);
    const shape = usedShape(counted);
    const width = shape.length > 1 ? sizeOf(shape.slice(1)) : 1;
    return [
      { local, ref, key: partKey(counted), rows: sizeOf(shape) / width, width, words: lookup === 'ids' },
    ];
  });
};

/** Numbers in the parameters that a projection moves. */
export const projectedSize = (model: LanguageModel, moves: (name: string) => boolean): number =>
  [...model.parameters].reduce((sum, [name, shape]) => sum + (moves(name) ? sizeOf(shape) : 0), 0);
