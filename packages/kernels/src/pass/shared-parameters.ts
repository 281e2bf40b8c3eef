import type { Stage } from '@ntk-lens/models';
import type { ActiveParameters } from '../factors/active-parameters.js';

/** Identifies the part of a parameter that a site uses. */
export const partKey = ({ name, part }: { readonly name: string; readonly part?: unknown }): string =>
  part === undefined ? name : `${name} ${JSON.stringify(part)}`;

/** Identifies the vector parameters of a stage, which are kept side by side. */
export const vectorsKey = (active: ActiveParameters): string =>
  active.vectors.map(({ parameter, part }) => `${partKey(parameter)}.${part}`).join(' ');

/**
 * How often each parameter is used. A gradient is the sum over all uses (ALBERT's layers share theirs), so
 * factors are held until the last use, counted from the head down, has been seen.
 */
export class ParameterUses {
  readonly #linear = new Map<string, number>();
  readonly #vectors = new Map<string, number>();

  constructor(stages: readonly Stage[], active: readonly ActiveParameters[]) {
    const single = new Map<string, Set<string>>();
    for (const index of stages.keys()) {
      const { linear, vectors } = active[index]!;
      for (const site of linear) count(this.#linear, partKey(site.weight));
      const key = vectorsKey(active[index]!);
      if (vectors.length > 0) count(this.#vectors, key);
      for (const { parameter, part } of vectors) {
        const name = `${partKey(parameter)}.${part}`;
        single.set(name, (single.get(name) ?? new Set()).add(key));
      }
    }
    for (const [name, keys] of single) {
      if (keys.size > 1)
        throw new Error(`${name} is shared by stages that share nothing else; this is not supported.`);
    }
  }

  /** Stages that use the linear weight. */
  linear(key: string): number {
    return this.#linear.get(key) ?? 1;
  }

  /** Stages that use the same vector parameters. */
  vectors(key: string): number {
    return this.#vectors.get(key) ?? 1;
  }
}

const count = (counts: Map<string, number>, key: string): void => {
  counts.set(key, (counts.get(key) ?? 0) + 1);
};
