import { buildStages } from '../architectures/build-stages.js';
import { type ParameterRef, type Site, siteWeights } from '../architectures/stage.js';
import type { ModelConfig } from '../config/model-config.js';
import type { WidthRole } from './parametrizations.js';

/** One use of a parameter, and what it is as width grows. */
export interface WidthUse {
  readonly ref: ParameterRef;
  readonly role: WidthRole;
  readonly kind: 'weight' | 'bias' | 'scale' | 'shift' | 'table';
  /** Makes attention queries. */
  readonly query: boolean;
  /** Numbers that are summed into one output. */
  readonly fanIn: number;
}

/** The same architecture, twice as wide. A factorized embedding stays as it is. */
const doubled = (config: ModelConfig): ModelConfig => ({
  ...config,
  hiddenSize: 2 * config.hiddenSize,
  intermediateSize: 2 * config.intermediateSize,
  ...('embeddingSize' in config &&
    config.embeddingSize === config.hiddenSize && { embeddingSize: 2 * config.embeddingSize }),
});

/** Sides of what a use takes of a parameter, outputs first; vectors have one input. */
const sides = (site: Site, { shape, part }: ParameterRef): readonly [number, number] => {
  const own = shape.map((n, axis) => (part && 'axis' in part && part.axis === axis ? part.size : n));
  if (own.length === 1) return [own[0]!, 1];
  const transposed = site.kind === 'embedding' || (site.kind === 'linear' && site.inFirst === true);
  return transposed ? [own[1]!, own[0]!] : [own[0]!, own[1]!];
};

const roleOf = (narrow: readonly [number, number], wide: readonly [number, number]): WidthRole => {
  const [out, into] = [wide[0] > narrow[0], wide[1] > narrow[1]];
  if (out && into) return 'hidden';
  if (out) return 'input';
  return into ? 'output' : 'fixed';
};

/** Every use of every parameter of an architecture; roles are told by comparing it with itself at twice the width. */
export const widthUses = (config: ModelConfig): readonly WidthUse[] => {
  const wide = buildStages(doubled(config), [0]).flatMap(({ sites }) => sites);
  return buildStages(config, [0])
    .flatMap(({ sites }) => sites)
    .flatMap((site, i) => {
      const refs = siteWeights(wide[i]!);
      return Object.entries(siteWeights(site)).map(([local, ref]): WidthUse => {
        const own = sides(site, ref);
        return {
          ref,
          role: roleOf(own, sides(wide[i]!, refs[local]!)),
          kind: local.slice(site.name.length + 1) as WidthUse['kind'],
          query: site.kind === 'linear' && site.name === 'query',
          fanIn: own[1],
        };
      });
    });
};
