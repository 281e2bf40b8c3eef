import { fanIn, outSize, type Stage } from '@ntk-lens/models';
import type { ActiveParameters } from '../factors/active-parameters.js';
import { formsGradients, type MapPair } from '../formulas/formula.js';

/** The properties that the products of a token depend on. */
export interface TokenModel {
  readonly stages: readonly Stage[];
  readonly active: readonly ActiveParameters[];
  readonly outputs: number;
  readonly maps: MapPair;
}

/**
 * FLOPs of a token's products in a sweep's forward and backward pass.
 *
 * @param isAgain sites whose values the backward pass computes again
 */
export const passFlops = (
  { stages, outputs }: TokenModel,
  isAgain: (stage: number, site: string) => boolean,
): number => {
  let flops = 0;
  // A head sees few tokens.
  for (const [index, { sites }] of stages.slice(0, -1).entries())
    for (const site of sites) {
      if (fanIn(site) === 1) continue;
      const again = isAgain(index, site.name) ? 1 : 0;
      flops += 2 * (1 + again + outputs) * fanIn(site) * outSize(site);
    }
  return flops;
};

/** FLOPs that a token adds to the gradients of its example, which every tile forms anew where the formula forms them. */
export const formingFlops = ({ active, outputs, maps }: TokenModel): number => {
  if (!formsGradients(maps)) return 0;
  const matrices = active.slice(0, -1).flatMap((own) => own.matrices);
  return matrices.reduce((sum, { inSize, outSize }) => sum + 2 * outputs * inSize * outSize, 0);
};
