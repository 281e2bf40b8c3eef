import type { Stage } from '@ntk-lens/models';
import type { ActiveParameters, VectorParameter } from '../factors/active-parameters.js';

/** Identifies the part of a parameter that a site uses. */
export const partKey = ({ name, part }: { readonly name: string; readonly part?: unknown }): string =>
  part === undefined ? name : `${name} ${JSON.stringify(part)}`;

/** Vector parameters of a stage that the same stages use, and so are held, added and contracted together. */
export interface VectorGroup {
  /** The same for all stages that use the group. */
  readonly key: string;
  /** Stages that use it. */
  readonly uses: number;
  /** In an order that is the same for all of them. */
  readonly vectors: readonly VectorParameter[];
}

const vectorKey = ({ parameter, part }: VectorParameter): string => `${partKey(parameter)}.${part}`;

/**
 * How often each parameter is used. A gradient is the sum over all uses (ALBERT's layers share theirs), so
 * factors are held until the last use, counted from the head down, has been seen.
 */
export class ParameterUses {
  readonly #linear = new Map<string, number>();
  readonly #vectors: readonly (readonly VectorGroup[])[];

  constructor(stages: readonly Stage[], active: readonly ActiveParameters[]) {
    const users = new Map<string, number[]>();
    for (const index of stages.keys()) {
      const { linear, vectors } = active[index]!;
      for (const site of linear) {
        const key = partKey(site.weight);
        this.#linear.set(key, (this.#linear.get(key) ?? 0) + 1);
      }
      for (const vector of vectors) {
        const known = users.get(vectorKey(vector)) ?? [];
        if (known.includes(index))
          throw new Error(`${vectorKey(vector)} is used twice in one stage; this is not supported.`);
        users.set(vectorKey(vector), [...known, index]);
      }
    }
    this.#vectors = active.map(({ vectors }) => {
      const groups = new Map<string, VectorParameter[]>();
      for (const vector of vectors) {
        const stagesOf = String(users.get(vectorKey(vector)));
        groups.set(stagesOf, [...(groups.get(stagesOf) ?? []), vector]);
      }
      return [...groups].map(([stagesOf, members]) => ({
        key: stagesOf,
        uses: stagesOf.split(',').length,
        vectors: members,
      }));
    });
  }

  /** Sites that use the linear weight. */
  linear(key: string): number {
    return this.#linear.get(key) ?? 1;
  }

  /** The vector parameters of a stage by who else uses them. */
  vectors(index: number): readonly VectorGroup[] {
    return this.#vectors[index]!;
  }
}
