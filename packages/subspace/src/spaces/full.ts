import { matchParameters } from '@ntk-lens/kernels';
import { NoTargetsError } from '../errors.js';
import type { ParameterSpace } from '../space.js';
import { formatSpec, type SpaceSyntax } from '../syntax/space-syntax.js';
import { createSpaceModel } from './space-model.js';

export interface FullOptions {
  /** Globs on Hugging Face parameter names; all parameters by default. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
}

/**
 * All parameters, or those that globs choose.
 *
 * @example
 * ```ts
 * fullSpace({ exclude: ['*embed*'] }); // everything but the embeddings
 * ```
 */
export const fullSpace = (options: FullOptions = {}): ParameterSpace => ({
  spec: formatSpec('full', { include: options.include, exclude: options.exclude }),
  async apply(base, { seed = 0 } = {}) {
    const moves = matchParameters(options);
    const names = [...base.parameters.keys()];
    if (!names.some(moves)) throw new NoTargetsError(options.include ?? ['*'], names);
    return createSpaceModel({ base, space: this, seed, moves });
  },
});

export const fullSyntax: SpaceSyntax = {
  name: 'full',
  usage: 'full[:include=GLOB+…,exclude=GLOB+…]',
  summary: 'all parameters, or those whose names match',
  parse: (args) => {
    const [include, exclude] = [args.list('include'), args.list('exclude')];
    return fullSpace({ include, exclude });
  },
};
