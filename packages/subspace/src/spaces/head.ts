import type { ParameterSpace } from '../space.js';
import type { SpaceSyntax } from '../syntax/space-syntax.js';
import { createSpaceModel } from './space-model.js';

/** The language-model head alone: the parameters of the last stage. */
export const headSpace = (): ParameterSpace => ({
  spec: 'head',
  async apply(base, { seed = 0 } = {}) {
    const head = new Set(Object.values(base.stages([0]).at(-1)!.weights).map(({ name }) => name));
    return createSpaceModel({ base, space: this, seed, moves: (name) => head.has(name) });
  },
});

export const headSyntax: SpaceSyntax = {
  name: 'head',
  usage: 'head',
  summary: 'the language-model head',
  parse: () => headSpace(),
};
