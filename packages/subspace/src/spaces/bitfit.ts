import { NoTargetsError } from '../errors.js';
import type { ParameterSpace } from '../space.js';
import type { SpaceSyntax } from '../syntax/space-syntax.js';
import { createSpaceModel } from './space-model.js';

const isBias = (name: string): boolean => /(^|\.)bias$/.test(name);

/**
 * BitFit (Ben Zaken et al. 2022): biases and LayerNorm shifts, everything that is named `bias`. A model without biases,
 * such as Llama, is refused with a NoTargetsError.
 */
export const bitfitSpace = (): ParameterSpace => ({
  spec: 'bitfit',
  async apply(base, { seed = 0 } = {}) {
    const names = [...base.parameters.keys()];
    if (!names.some(isBias)) throw new NoTargetsError(['*.bias'], names);
    return createSpaceModel({ base, space: this, seed, moves: isBias });
  },
});

export const bitfitSyntax: SpaceSyntax = {
  name: 'bitfit',
  usage: 'bitfit',
  summary: 'biases and LayerNorm shifts',
  parse: () => bitfitSpace(),
};
