import { defineProgram, type TensorSpec, tf } from '@ntk-lens/engine';
import {
  defineBackward,
  type LocalParameter,
  type Named,
  type Site,
  type SiteParameter,
  type Wanted,
} from '@ntk-lens/models';
import { float } from '../contract/matrix-shapes.js';
import { joined } from '../contract/total.js';
import { type ActiveParameters, activeUses } from '../factors/active-parameters.js';
import { along, needsActivation } from '../sites/index.js';

/** A site of which parameters move. */
export interface MovingSite {
  /** Identifies the site in its stage, and its parameters that move. */
  readonly identity: string;
  readonly site: Site;
  readonly parameters: readonly LocalParameter[];
}

const moves = ({ parameters }: MovingSite, role: SiteParameter['role']): boolean =>
  parameters.some((parameter) => parameter.role === role);

/** The active parameters of a stage by site. */
export const movingSites = (active: ActiveParameters): MovingSite[] => {
  const bySite = new Map<string, LocalParameter[]>();
  for (const parameter of activeUses(active)) {
    const { name } = parameter.site;
    bySite.set(name, [...(bySite.get(name) ?? []), parameter]);
  }
  return [...bySite.values()].flatMap((parameters) => {
    const [first] = parameters;
    const identity = parameters.map(({ local }) => local).join('+');
    return first ? [{ identity, site: first.site, parameters }] : [];
  });
};

/** The tensors that make the derivative of a moving site. */
export interface SiteFactors<Leaf> {
  /** Cotangents of its output, `[C, n, T', out]`. */
  readonly b: Leaf;
  /** Its input activation, where that is needed. */
  readonly a: Leaf | undefined;
}

interface CotangentSettings {
  readonly moving: readonly MovingSite[];
  readonly wanted: Wanted;
}

/** Backward pass of one stage: the factors of every moving site. */
export const cotangentProgram = defineBackward(
  'cotangents',
  ({ activation, cotangents }, { moving }: CotangentSettings) => ({
    sites: moving.map((one): SiteFactors<tf.Tensor> => {
      const { name } = one.site;
      const needed = needsActivation(one.site, (role) => moves(one, role));
      // Row numbers too are read as floats, which hold them exactly.
      return {
        b: tf.stack([...cotangents(name)]),
        a: needed ? tf.cast(activation(name), 'float32') : undefined,
      };
    }),
  }),
);

interface ContractionSettings {
  /** The stage's function: sites of equal names are equal in stages of equal identity. */
  readonly stage: { readonly identity: string };
  readonly moving: readonly MovingSite[];
  readonly factors: readonly SiteFactors<TensorSpec>[];
  readonly directions: readonly Named<readonly number[]>[];
}

/**
 * ⟨∇f, v⟩ of one stage for a batch. A site's output is linear in its parameters, so its part is ⟨b, y(a; v)⟩: the
 * cotangent of the output against the output that the direction itself would give (docs/theory.md, Directional
 * derivatives). Output `j` `[C, n, S]`: sums over features, to be added up over S (tokens of all sites) in float64.
 */
export const contractDirection = defineProgram('contract direction', {
  inputs: ({ factors, directions }: ContractionSettings) => ({
    factors,
    /** By role, for every moving site; of word tables the rows of the batch's tokens, `[n, T, d]`. */
    directions: directions.map(
      (own): Named<TensorSpec> =>
        Object.fromEntries(Object.entries(own).map(([role, shape]) => [role, float(shape)] as const)),
    ),
  }),
  build: ({ factors, directions }, { moving }) => {
    const parts = moving.map(({ site }, i) => {
      const { a, b } = factors[i]!;
      const output = along(site, {
        direction: (role) => directions[i]?.[role],
        activation: () => {
          if (!a) throw new Error(`Site ${site.name} was given no activation.`);
          return a;
        },
      });
      return b.mul(output.expandDims(0)).sum(-1);
    });
    return { j: joined(parts, 2) };
  },
});
