import { identityOf, type tf } from '@ntk-lens/engine';
import type { ParameterRef } from '../sites/parameter-ref.js';
import type { Site } from '../sites/site.js';
import type { SiteContext } from '../sites/site-context.js';
import { siteParameters } from '../sites/site-kinds.js';
import type { SideInputs } from './side-inputs.js';
import type { Stage } from './stage.js';
import { type StageAccess, stageAccess } from './stage-access.js';

/**
 * The function of a kind of stage. Its arguments are settings, sites, side inputs and the hidden state `x`.
 * It may depend on its arguments alone, since they are what tells one stage's function from another's.
 */
export type StageFunction<S> = (
  settings: S,
  at: StageAccess,
  side: SideInputs,
  x: tf.Tensor | undefined,
) => tf.Tensor;

/** One stage of a kind. */
export interface StageOptions<S> {
  /** Unique in the model, e.g. `layer.3`. */
  readonly name: string;
  readonly sites: readonly Site[];
  /** Plain values on which the function depends in addition to its tensors. */
  readonly settings: S;
  /** The stage attends. Default: false. */
  readonly attends?: boolean;
}

/** Parameters by local name. */
const weightsOf = (sites: readonly Site[]): Record<string, ParameterRef> =>
  Object.fromEntries(sites.flatMap(siteParameters).map(({ local, ref }) => [local, ref]));

/** The part of sites that programs depend on: everything except which parameters of a checkpoint they are. */
const structureOf = (sites: readonly Site[]): unknown =>
  sites.map((site) =>
    Object.entries(site)
      .filter(([, value]) => value !== undefined)
      .map(([field, value]: [string, unknown]) =>
        typeof value === 'object' && value !== null && 'shape' in value ? field : [field, value],
      ),
  );

let definitions = 0;

const identities = new Map<string, string>();

/** A short text that stands for all that a stage's function depends on: programs are looked up by it at every call. */
const shortIdentityOf = (dependsOn: readonly unknown[]): string => {
  const whole = identityOf(dependsOn);
  const known = identities.get(whole) ?? `stage ${identities.size}`;
  identities.set(whole, known);
  return known;
};

/**
 * Defines a kind of stage by its function. Stages made of it are one function where their settings and the structure of
 * their sites are equal, so that equal stages share compiled programs and different ones never do. Define kinds at the
 * top level of a module: the function then sees nothing that is not in its settings.
 *
 * @example
 * ```ts
 * const finalNorm = defineStage((_: null, at, _side, x) => at.use('norm', x!));
 * const stage = finalNorm({ name: 'final', settings: null, sites: [normSite('norm', 'ln_f', 768, 1e-5)] });
 * ```
 * @experimental
 */
export const defineStage = <S>(apply: StageFunction<S>): ((options: StageOptions<S>) => Stage) => {
  const definition = definitions++;
  return ({ name, sites, settings, attends = false }) => ({
    name,
    identity: shortIdentityOf([definition, settings, structureOf(sites)]),
    sites,
    weights: weightsOf(sites),
    attends,
    apply: (context, weights, side, x) => apply(settings, stageAccess(sites, context, weights), side, x),
  });
};

/**
 * Defines a way to go on from what a stage puts out. Its identity is made as that of {@link defineStage}.
 * @internal
 */
export const defineResult = <S>(
  result: (settings: S, y: tf.Tensor) => tf.Tensor,
): ((stage: Stage, settings: S) => Stage) => {
  const definition = definitions++;
  return (stage, settings) => ({
    ...stage,
    identity: shortIdentityOf([stage.identity, definition, settings]),
    apply: (context, weights, side, x) => result(settings, stage.apply(context, weights, side, x)),
  });
};

/** The changes that an extension makes to a stage while that is applied. */
export interface StageChanges {
  /** Parts of the context to replace; `outer` is what watches the model. */
  readonly context?: Partial<SiteContext>;
  /** Weights that the stage's own function is given instead. */
  readonly weights?: Readonly<Record<string, tf.Tensor>>;
  readonly side?: SideInputs;
}

/** One extension of a kind. */
export interface ExtensionOptions<S> {
  readonly sites: readonly Site[];
  /** Plain values, or objects with an identity: all that the extension's function depends on. */
  readonly settings: S;
  /** Weights that belong to no site, by local name. */
  readonly weights?: Readonly<Record<string, ParameterRef>>;
}

/** `outer` with some of its methods replaced. */
const overlay = (outer: SiteContext, inner: Partial<SiteContext>): SiteContext => ({
  site: inner.site ?? ((name, activation, output) => outer.site(name, activation, output)),
  input: inner.input ?? ((name, x) => outer.input?.(name, x) ?? x),
  attention: inner.attention ?? ((inputs) => outer.attention?.(inputs) ?? inputs),
  dropout: inner.dropout ?? ((name, x, rate) => outer.dropout?.(name, x, rate) ?? x),
});

/**
 * Defines a way to extend stages: with sites of its own, which report to the same context as the stage's, and a function
 * that says what changes. Its identity is made as that of {@link defineStage}.
 * @experimental
 */
export const defineExtension = <S>(
  extend: (settings: S, own: StageAccess, side: SideInputs) => StageChanges,
): ((stage: Stage, options: ExtensionOptions<S>) => Stage) => {
  const definition = definitions++;
  return (stage, { sites, settings, weights: more = {} }) => ({
    ...stage,
    identity: shortIdentityOf([stage.identity, definition, settings, structureOf(sites), Object.keys(more)]),
    sites: [...stage.sites, ...sites],
    weights: { ...stage.weights, ...weightsOf(sites), ...more },
    apply: (outer, weights, side, x) => {
      const changed = extend(settings, stageAccess(sites, outer, weights), side);
      return stage.apply(
        changed.context ? overlay(outer, changed.context) : outer,
        changed.weights ?? weights,
        changed.side ?? side,
        x,
      );
    },
  });
};
