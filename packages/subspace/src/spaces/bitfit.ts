import type { ParameterSpace } from '../space.js';
import type { SpaceSyntax } from '../syntax/space-syntax.js';
import { createSpaceModel } from './space-model.js';

/** BitFit (Ben Zaken et al. 2022): biases and LayerNorm shifts, everything that is named `bias`. */
export const bitfitSpace = (): ParameterSpace => ({
  spec: 'bitfit',
  async apply(base, { seed = 0 } = {}) {
    return createSpaceModel({ base, space: this, seed, moves: (name) => /(^|\.)bias$/.test(name) });
  },
});

export const bitfitSyntax: SpaceSyntax = {
  name: 'bitfit',
  usage: 'bitfit',
  summary: 'biases and LayerNorm shifts',
  parse: () => bitfitSpace(),
};
