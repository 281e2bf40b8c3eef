import type { tf } from '@ntk-lens/engine';
import type { LocalParameter, Site, SiteParameter } from '@ntk-lens/models';
import { embedding } from './embedding.js';
import type { DirectionAccess, GradientForm, KernelSite, VectorLengths, VectorRows } from './kernel-site.js';
import { linear } from './linear.js';
import { norm } from './norm.js';

/** The module of every kind of site; one that is missing does not compile. */
const kernelSites: { readonly [K in Site['kind']]: KernelSite<Extract<Site, { readonly kind: K }>> } = {
  linear,
  norm,
  embedding,
};

const of = (site: Site): KernelSite<Site> => kernelSites[site.kind] as KernelSite<Site>;

/** Form of a parameter's gradient. */
export const gradientForm = ({ site, role }: LocalParameter): GradientForm => of(site).form(site, role);

/** Rows of a parameter whose gradient is a vector. */
export const vectorRows = ({ site, role }: LocalParameter, lengths: VectorLengths): VectorRows =>
  of(site).vectorRows(site, role, lengths);

/** Entries of such a gradient. */
export const vectorSize = (parameter: LocalParameter, padTo: number): number => {
  const { rows, width } = vectorRows(parameter, { padTo, firstPosition: 0 });
  return rows * width;
};

/** Gradient of such a parameter in a program, `[n, size]`. */
export const vectorGradient = (
  { site, role }: LocalParameter,
  b: tf.Tensor,
  a: tf.Tensor,
  lengths: VectorLengths,
): tf.Tensor => of(site).vector(site, role, b, a, lengths);

/** True where a site's derivative along a direction needs its input activation. */
export const needsActivation = (site: Site, moving: (role: SiteParameter['role']) => boolean): boolean =>
  of(site).needsActivation(site, moving);

/** The output of a site with a direction in place of its parameters. */
export const along = (site: Site, access: DirectionAccess): tf.Tensor => of(site).along(site, access);
