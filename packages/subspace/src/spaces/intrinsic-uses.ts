import { sizeOf } from '@ntk-lens/core';
import type { LanguageModel, ParameterRef, Site, Stage } from '@ntk-lens/models';
import { siteWeights } from '@ntk-lens/models';

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

/** Shape of what a projection counts rows of: the parameter, or its range of an axis. */
const shapeOf = ({ shape, part }: ParameterRef): readonly number[] =>
  part && 'axis' in part ? shape.map((n, axis) => (axis === part.axis ? part.size : n)) : shape;

/** Uses of chosen parameters by a stage; biases without a gradient are left out. */
export const projectedUses = (stage: Stage, moves: (name: string) => boolean): ProjectedUse[] => {
  const sites = new Map<string, Site>(
    stage.sites.flatMap((site) => Object.keys(siteWeights(site)).map((local) => [local, site] as const)),
  );
  return Object.entries(stage.weights).flatMap(([local, ref]) => {
    const site = sites.get(local);
    if (!moves(ref.name) || (site?.kind === 'linear' && site.zeroBias && local === `${site.name}.bias`))
      return [];
    const shape = shapeOf(ref);
    const width = shape.length > 1 ? shape.at(-1)! : 1;
    return [
      {
        local,
        ref,
        key: ref.part && 'axis' in ref.part ? `${ref.name} ${JSON.stringify(ref.part)}` : ref.name,
        rows: sizeOf(shape) / width,
        width,
        words: site?.kind === 'embedding' && site.ids === 'ids',
      },
    ];
  });
};

/** Numbers in the parameters that a projection moves. */
export const projectedSize = (model: LanguageModel, moves: (name: string) => boolean): number =>
  [...model.parameters].reduce((sum, [name, shape]) => sum + (moves(name) ? sizeOf(shape) : 0), 0);
