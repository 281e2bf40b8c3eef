import { type Site, type SiteContext, type Stage, siteWeights, type Tensors } from '@ntk-lens/models';

/** What a space adds to a stage. */
export interface StageExtension {
  /** Says what the extension computes: stages of one model with the same extension differ in shapes alone. */
  readonly kind: string;
  readonly sites: readonly Site[];
  /** Parts of the context to replace; `outer` is what watches the model. */
  readonly context?: (outer: SiteContext, weights: Tensors) => Partial<SiteContext>;
  /** Replaces the whole function; `inner` is the stage's own. */
  readonly apply?: (inner: Stage['apply']) => Stage['apply'];
}

/** `outer` with some of its methods replaced. */
const overlay = (outer: SiteContext, inner: Partial<SiteContext>): SiteContext => ({
  site: inner.site ?? ((name, activation, output) => outer.site(name, activation, output)),
  input: inner.input ?? ((name, x) => outer.input?.(name, x) ?? x),
  attention: inner.attention ?? ((inputs) => outer.attention?.(inputs) ?? inputs),
  dropout: inner.dropout ?? ((name, x, rate) => outer.dropout?.(name, x, rate) ?? x),
});

/** A stage with more sites. The extension's own sites report to the same context as the stage's. */
export const extendStage = (stage: Stage, extension: StageExtension): Stage => {
  const { kind, sites, context, apply = (inner) => inner } = extension;
  const inner: Stage['apply'] = (outer, weights, side, x) =>
    stage.apply(context ? overlay(outer, context(outer, weights)) : outer, weights, side, x);
  return {
    name: stage.name,
    kind: `${stage.kind} ${kind}`,
    sites: [...stage.sites, ...sites],
    weights: Object.assign({ ...stage.weights }, ...sites.map(siteWeights)) as Stage['weights'],
    apply: apply(inner),
  };
};
