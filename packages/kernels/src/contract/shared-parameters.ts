import { type LocalParameter, partKey } from '@ntk-lens/models';
import { type ActiveParameters, type VectorParameter, vectorKey } from '../factors/active-parameters.js';
import { vectorSize } from '../sites/index.js';

/** Vector parameters of a stage that the same stages use, and so are held, added and contracted together. */
export interface VectorGroup {
  /** The same for all stages that use the group. */
  readonly key: string;
  /** Stages that use it. */
  readonly uses: number;
  /** In an order that is the same for all of them. */
  readonly vectors: readonly VectorParameter[];
}

/**
 * Number of uses of each parameter. A gradient is the sum over all uses (ALBERT's layers share theirs), so
 * factors are held until the last use, counted from the head down, has been seen.
 */
export class ParameterUses {
  readonly #matrices = new Map<string, number>();
  readonly #vectors: readonly (readonly VectorGroup[])[];

  constructor(active: readonly ActiveParameters[]) {
    const users = new Map<string, number[]>();
    for (const [index, { matrices, vectors }] of active.entries()) {
      for (const { ref } of matrices) {
        const key = partKey(ref);
        this.#matrices.set(key, (this.#matrices.get(key) ?? 0) + 1);
      }
      for (const vector of vectors) {
        users.set(vectorKey(vector), [...(users.get(vectorKey(vector)) ?? []), index]);
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

  /** Number of sites that use the matrix. */
  matrix(key: string): number {
    return this.#matrices.get(key) ?? 1;
  }

  /** The vector parameters of a stage by who else uses them. */
  vectors(index: number): readonly VectorGroup[] {
    return this.#vectors[index] ?? [];
  }
}

/** The range of each of these parameters when their gradients are side by side: `[start, size]`. */
export const vectorRanges = (
  vectors: readonly LocalParameter[],
  padTo: number,
): readonly (readonly [number, number])[] => {
  let start = 0;
  return vectors.map((vector) => {
    const size = vectorSize(vector, padTo);
    start += size;
    return [start - size, size];
  });
};
