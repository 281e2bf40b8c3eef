import { type LongTaskOptions, type NDArray, throwIfCancelled } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { LanguageModel, ParameterRef, Stage } from '@ntk-lens/models';

/** Weights of all stages in a runtime's memory; a parameter that several stages use is there once. */
export class StageWeights {
  readonly #byKey = new Map<string, Resident>();
  readonly #runtime: Runtime;

  private constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Reads the parameters one by one and hands each over, so that no weight is in memory twice. */
  static async upload(
    runtime: Runtime,
    model: LanguageModel,
    stages: readonly Stage[],
    options: LongTaskOptions = {},
  ): Promise<StageWeights> {
    const weights = new StageWeights(runtime);
    const uses = new Map<string, Map<string, ParameterRef>>();
    for (const stage of stages) {
      for (const ref of Object.values(stage.weights)) {
        const parts = uses.get(ref.name) ?? new Map<string, ParameterRef>();
        uses.set(ref.name, parts.set(keyOf(ref), ref));
      }
    }
    let done = 0;
    for (const [name, parts] of uses) {
      throwIfCancelled(options.signal, 'Loading the weights');
      const array = await model.read(name);
      // Parts are cut out before the whole is handed over.
      const ordered = [...parts].sort(([, a], [, b]) => Number(!a.part) - Number(!b.part));
      for (const [key, ref] of ordered) weights.#byKey.set(key, await runtime.upload(cut(array, ref)));
      options.onProgress?.({
        phase: 'weights',
        done: ++done,
        total: uses.size,
        unit: 'parameters',
        detail: name,
      });
    }
    return weights;
  }

  /** Program inputs `w:<local name>` of a stage. */
  of(stage: Stage): Record<string, Resident> {
    return Object.fromEntries(
      Object.entries(stage.weights).map(([local, ref]) => [`w:${local}`, this.#byKey.get(keyOf(ref))!]),
    );
  }

  release(): void {
    this.#runtime.release(this.#byKey.values());
    this.#byKey.clear();
  }
}

const keyOf = (ref: ParameterRef): string => `${ref.name} ${JSON.stringify(ref.part ?? null)}`;

/** The part of a parameter that a stage uses, as an array of its own. */
const cut = (array: NDArray<'float32'>, ref: ParameterRef): NDArray<'float32'> => {
  const { part } = ref;
  if (!part) return array;
  const [first, ...rest] = array.shape as [number, ...number[]];
  if ('rows' in part) {
    const width = rest.reduce((size, n) => size * n, 1);
    const data = new Float32Array(part.rows.length * width);
    for (const [i, row] of part.rows.entries())
      data.set(array.data.subarray(row * width, (row + 1) * width), i * width);
    return { dtype: 'float32', shape: [part.rows.length, ...rest], data };
  }
  const { axis, start, size } = part;
  if (axis === 0) {
    const width = rest.reduce((product, n) => product * n, 1);
    return {
      dtype: 'float32',
      shape: [size, ...rest],
      data: array.data.slice(start * width, (start + size) * width),
    };
  }
  const data = new Float32Array(first * size);
  const width = rest[0]!;
  for (let i = 0; i < first; i++)
    data.set(array.data.subarray(i * width + start, i * width + start + size), i * size);
  return { dtype: 'float32', shape: [first, size], data };
};
