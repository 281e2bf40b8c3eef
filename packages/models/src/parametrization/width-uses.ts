import { sizeOf } from '@ntk-lens/core';
import { buildStages } from '../architectures/build-stages.js';
import type { ModelConfig } from '../architectures/registry.js';
import { type ParameterRef, usedShape } from '../sites/parameter-ref.js';
import type { SiteParameter } from '../sites/site-kind.js';
import { type LocalParameter, siteParameters } from '../sites/site-kinds.js';
import type { WidthRole } from './parametrizations.js';
import { widened } from './widened.js';

/** One use of a parameter, and what it is as width grows. */
export interface WidthUse {
  readonly ref: ParameterRef;
  readonly role: WidthRole;
  readonly kind: SiteParameter['role'];
  /** Value of a scale that changes nothing. */
  readonly identity?: number;
  /** Makes attention queries. */
  readonly query: boolean;
  /** Numbers that are summed into one output. */
  readonly fanIn: number;
}

/** The same architecture, twice as wide. A factorized embedding stays as it is. */
const doubled = (config: ModelConfig): ModelConfig => ({
  ...widened(config, 2),
  ...('embeddingSize' in config &&
    config.embeddingSize !== config.hiddenSize && { embeddingSize: config.embeddingSize }),
});

/** Sides of what a use takes of a parameter, outputs first; vectors have one input. Label rows are all rows. */
const sides = ({ ref, inFirst }: LocalParameter): readonly [number, number] => {
  const [first, ...others] = usedShape(wholeRows(ref)) as [number, ...number[]];
  const second = sizeOf(others);
  return inFirst ? [second, first] : [first, second];
};

const wholeRows = ({ part, ...ref }: ParameterRef): ParameterRef =>
  part && 'axis' in part ? { ...ref, part } : ref;

const roleOf = (narrow: readonly [number, number], wide: readonly [number, number]): WidthRole => {
  const [out, into] = [wide[0] > narrow[0], wide[1] > narrow[1]];
  if (out && into) return 'hidden';
  if (out) return 'input';
  return into ? 'output' : 'fixed';
};

/**
 * Every use of every parameter of an architecture; roles are found by comparing it with itself at twice the
 * width.
 */
export const widthUses = (config: ModelConfig): readonly WidthUse[] => {
  const parametersOf = (of: ModelConfig) =>
    buildStages(of, [0]).flatMap(({ sites }) => sites.flatMap(siteParameters));
  const wide = parametersOf(doubled(config));
  return parametersOf(config).map((own, i): WidthUse => {
    const narrow = sides(own);
    return {
      ref: own.ref,
      role: roleOf(narrow, sides(wide[i]!)),
      kind: own.role,
      identity: own.identity,
      query: own.site.name === 'query',
      fanIn: narrow[1],
    };
  });
};
