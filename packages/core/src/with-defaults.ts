/**
 * A record without its undefined fields. A field that was left out is not in a file either, and takes no
 * other value's place.
 *
 * @example
 * ```ts
 * withoutUndefined({ shots: 16, data: undefined }); // { shots: 16 }
 * ```
 */
export const withoutUndefined = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;

/** Fields that have a default are there; a given value other than undefined takes the default's place. */
export type WithDefaults<D extends object, G extends object> = Omit<G, keyof D> & {
  readonly [K in keyof D]: D[K] | (K extends keyof G ? Exclude<G[K], undefined> : never);
};

/**
 * Fills in defaults. A field that is undefined counts as left out, so options can be handed on as they came:
 * `{ ...defaults, ...given }` would let `{ steps: undefined }` replace a default. `null`, `false`, 0 and '' are values.
 *
 * @example
 * ```ts
 * const given: { decay?: 'linear' | 'constant'; warmUpSteps?: number } = { decay: undefined, warmUpSteps: 10 };
 * withDefaults({ decay: 'linear', warmUpSteps: 0 }, given); // { decay: 'linear', warmUpSteps: 10 }
 * ```
 * @param given fields that no default names are kept
 * @returns a new object without fields that are undefined, unless a default is
 */
export const withDefaults = <const D extends object, G extends object>(
  defaults: D,
  given: G = {} as G,
): WithDefaults<D, G> => ({ ...defaults, ...withoutUndefined(given) }) as WithDefaults<D, G>;
