import type { tf } from '@ntk-lens/engine';
import type { ParameterRef } from './parameter-ref.js';
import type { SiteContext, Tensors } from './site-context.js';

/** A parameter of a site. */
export interface SiteParameter {
  /** Its role for the site. */
  readonly role: 'weight' | 'bias' | 'scale' | 'shift' | 'table';
  readonly ref: ParameterRef;
  /** Its gradient is exactly zero, and anything else is rounding: softmax ignores the shift of an attention key. */
  readonly zero?: boolean;
  /** Value of a scale's entries with which the site leaves its activation as it is. */
  readonly identity?: number;
  /** The side input by whose numbers its rows are looked up. */
  readonly lookup?: 'ids' | 'positions' | 'types';
  /** Its axes are inputs first, outputs second. */
  readonly inFirst?: boolean;
}

/** The tensors that a site is applied with. */
export interface SiteAccess {
  readonly context: SiteContext;
  /** A parameter's tensor, if the site has one of that role. */
  weight(role: SiteParameter['role']): tf.Tensor | undefined;
  /** A function of an input, which sites of a stage that apply it to the same input share. */
  readonly shared: Shared;
}

/** Gives what `make` made of this input before, by name, or makes it. */
export type Shared = (name: string, x: tf.Tensor, make: () => tf.Tensor) => tf.Tensor;

/**
 * The interface of kinds of site: a module for each says how it is applied, its parameters and their shapes.
 */
export interface SiteKind<S> {
  readonly parameters: (site: S) => readonly SiteParameter[];
  /** Numbers that are summed, each times a weight, into one output; 1 where nothing is summed. */
  readonly fanIn: (site: S) => number;
  /** Size of the last axis of the output. */
  readonly outSize: (site: S) => number;
  /**
   * Applies the site to its input, and tells the context.
   *
   * @returns the context's version of the output
   */
  readonly apply: (site: S, access: SiteAccess, x: tf.Tensor) => tf.Tensor;
}

/** A parameter's tensor that the kind of site always has. */
export const required = (tensor: tf.Tensor | undefined, site: string): tf.Tensor => {
  if (!tensor) throw new Error(`Site ${site} was applied without its weights.`);
  return tensor;
};

/**
 * Name of a site's parameter among the weights of its stage.
 *
 * @example
 * ```ts
 * localName({ name: 'query' }, 'weight'); // 'query.weight'
 * ```
 */
export const localName = (site: { readonly name: string }, role: SiteParameter['role']): string =>
  `${site.name}.${role}`;

/** Access for one site, to weights by local name. */
export const siteAccess = (
  site: { readonly name: string },
  context: SiteContext,
  weights: Tensors,
  shared: Shared,
): SiteAccess => ({ context, weight: (role) => weights[localName(site, role)], shared });
