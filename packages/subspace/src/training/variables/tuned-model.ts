import { type NDArray, sha256 } from '@ntk-lens/core';
import { type LanguageModel, putPart } from '@ntk-lens/models';
import type { Variable } from './plan-variables.js';

/** A variable's place, and its value. */
export interface TunedVariable {
  readonly variable: Pick<Variable, 'key' | 'stored' | 'rows' | 'range'>;
  readonly value: NDArray<'float32'>;
}

/** A variable's place, and a way to its value. */
export interface ReadVariable extends Pick<TunedVariable, 'variable'> {
  /** The value, which is the caller's. */
  read(): Promise<NDArray<'float32'>>;
}

/**
 * A model at another point: the variables that training moved in place of the model's own values. Tied parameters
 * stay tied.
 *
 * @param model closed with the result
 */
export const tunedModel = (model: LanguageModel, tuned: readonly TunedVariable[]): LanguageModel =>
  movedModel(
    model,
    tuned.map(({ variable, value }) => ({
      variable,
      read: async () => ({ ...value, data: value.data.slice() }),
    })),
  );

/** The same for values that are read when they are wanted. */
export const movedModel = (model: LanguageModel, tuned: readonly ReadVariable[]): LanguageModel => {
  const byStored = new Map<string, ReadVariable[]>();
  for (const one of tuned) {
    const { stored } = one.variable;
    byStored.set(stored, [...(byStored.get(stored) ?? []), one]);
  }
  let hash: Promise<string> | undefined;
  const hashOf = async (): Promise<string> => {
    const sum = sha256().update(await model.hash());
    for (const { variable, read } of tuned) {
      const value = await read();
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
      if (whole && !whole.variable.rows && !whole.variable.range) return whole.read();
      if (!parts) return model.read(name, options);
      const array = await model.read(name);
      for (const { variable, read: readPart } of parts) {
        const { rows, range } = variable;
        const { data } = await readPart();
        putPart(array.data, { shape: array.shape, part: rows ? { rows } : range }, data);
      }
      return array;
    },
    storedBytes: (name) => (byStored.has(model.storedName(name)) ? undefined : model.storedBytes?.(name)),
    hash: () => (hash ??= hashOf()),
    close: () => model.close(),
  };
};
