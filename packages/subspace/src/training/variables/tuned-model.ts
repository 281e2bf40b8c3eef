import { type NDArray, sha256 } from '@ntk-lens/core';
import { type LanguageModel, putPart } from '@ntk-lens/models';
import type { Variable } from './plan-variables.js';

/** A variable's place, and its value. */
export interface TunedVariable {
  readonly variable: Pick<Variable, 'key' | 'stored' | 'rows' | 'range'>;
  readonly value: NDArray<'float32'>;
}

/** Writes a variable into the stored tensor that it is a part of, in place. */
const put = (target: Float32Array, shape: readonly number[], { variable, value }: TunedVariable): void => {
  const { rows, range } = variable;
  putPart(target, { shape, part: rows ? { rows } : range }, value.data);
};

/**
 * A model at another point: the variables that training moved in place of the model's own values. Tied parameters
 * stay tied.
 *
 * @param model closed with the result
 */
export const tunedModel = (model: LanguageModel, tuned: readonly TunedVariable[]): LanguageModel => {
  const byStored = new Map<string, TunedVariable[]>();
  for (const one of tuned) {
    const { stored } = one.variable;
    byStored.set(stored, [...(byStored.get(stored) ?? []), one]);
  }
  let hash: Promise<string> | undefined;
  const hashOf = async (): Promise<string> => {
    const sum = sha256().update(await model.hash());
    for (const { variable, value } of tuned) {
      sum.update(JSON.stringify([variable.key, variable.rows ?? null, value.shape]));
      sum.update(value.data);
    }
    return sum.hex();
  };
  return {
    config: model.config,
    parameters: model.parameters,
    stages: (labelWordIds) => model.stages(labelWordIds),
    storedName: (name) => model.storedName(name),
    read: async (name, options) => {
      const parts = byStored.get(model.storedName(name));
      const [whole] = parts ?? [];
      if (whole && !whole.variable.rows && !whole.variable.range) {
        const { data, ...array } = whole.value;
        return { ...array, data: data.slice() };
      }
      if (!parts) return model.read(name, options);
      const array = await model.read(name);
      for (const part of parts) put(array.data, array.shape, part);
      return array;
    },
    storedBytes: (name) => (byStored.has(model.storedName(name)) ? undefined : model.storedBytes?.(name)),
    hash: () => (hash ??= hashOf()),
    close: () => model.close(),
  };
};
