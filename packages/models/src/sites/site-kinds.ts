import type { tf } from '@ntk-lens/engine';
import { embedding } from './embedding.js';
import { linear } from './linear.js';
import { norm } from './norm.js';
import type { Site } from './site.js';
import type { SiteContext, Tensors } from './site-context.js';
import { localName, type Shared, type SiteKind, type SiteParameter, siteAccess } from './site-kind.js';

/** The module of every kind of site; one that is missing does not compile. */
const siteKinds: { readonly [K in Site['kind']]: SiteKind<Extract<Site, { readonly kind: K }>> } = {
  linear,
  norm,
  embedding,
};

/** The module of a site's kind. */
const kindOf = (site: Site): SiteKind<Site> => siteKinds[site.kind] as SiteKind<Site>;

/** A parameter of a site under the name that it has in its stage: `<site>.<role>`. */
export interface LocalParameter extends SiteParameter {
  readonly site: Site;
  readonly local: string;
}

/** The parameters of a site. */
export const siteParameters = (site: Site): LocalParameter[] =>
  kindOf(site)
    .parameters(site)
    .map((parameter) => ({ ...parameter, site, local: localName(site, parameter.role) }));

/**
 * Applies a site to its input with weights by local name, and tells the context.
 *
 * @param shared holds values that the sites of a stage share. Default: the site is alone
 */
export const applySite = (
  site: Site,
  context: SiteContext,
  weights: Tensors,
  x: tf.Tensor,
  shared: Shared = (_name, _x, make) => make(),
): tf.Tensor => kindOf(site).apply(site, siteAccess(site, context, weights, shared), x);

/**
 * Numbers that are summed, each times a weight, into one output of a site; 1 where nothing is summed.
 *
 * @example
 * ```ts
 * fanIn(linearSite('up', 'mlp.up', 768, 3072)); // 768
 * ```
 */
export const fanIn = (site: Site): number => kindOf(site).fanIn(site);

/**
 * Size of the last axis of a site's output.
 *
 * @example
 * ```ts
 * outSize(linearSite('up', 'mlp.up', 768, 3072)); // 3072
 * ```
 */
export const outSize = (site: Site): number => kindOf(site).outSize(site);
