import type { WeightSource } from '@ntk-lens/checkpoints';
import { isNtkLensError, type NDArray } from '@ntk-lens/core';
import { type LanguageModel, usedShape } from '@ntk-lens/models';
import { DamagedCheckpointError } from '../errors.js';
import type { Variable } from './plan-variables.js';
import { movedModel, type ReadVariable } from './tuned-model.js';
import { parseKey } from './variable-key.js';

const ROWS = ' rows';

/**
 * The stored tensors of a point: the values of variables, with the rows that they are of their stored
 * tensors.
 */
export const pointTensors = (
  variables: readonly Pick<Variable, 'key' | 'rows'>[],
  values: ReadonlyMap<string, NDArray<'float32'>>,
): ReadonlyMap<string, NDArray> => {
  const tensors = new Map<string, NDArray>();
  for (const { key, rows } of variables) {
    tensors.set(key, values.get(key)!);
    // As float32, which is exact for row numbers and what weight files are read as.
    if (rows)
      tensors.set(key + ROWS, { dtype: 'float32', shape: [rows.length], data: Float32Array.from(rows) });
  }
  return tensors;
};

/**
 * The model at a stored point, whose tensors are read from the file when they are wanted.
 *
 * @param open opens the file
 * @param file named in errors
 * @throws DamagedCheckpointError, then and at every reading
 */
export const pointFrom = async (
  open: () => Promise<WeightSource>,
  file: string,
  model: LanguageModel,
): Promise<LanguageModel> => {
  const inFile = async <T>(look: (source: WeightSource) => Promise<T>): Promise<T> => {
    try {
      const source = await open();
      try {
        return await look(source);
      } finally {
        await source.close();
      }
    } catch (cause) {
      if (isNtkLensError(cause) && cause.code === DamagedCheckpointError.code) throw cause;
      throw new DamagedCheckpointError(file, (cause as Error).message.replace(/\.$/, ''), { cause });
    }
  };
  const stored = new Map([...model.parameters].map(([name, shape]) => [model.storedName(name), shape]));
  const variables = await inFile(async (source) => {
    const found: ReadVariable[] = [];
    for (const key of source.names.filter((name) => !name.endsWith(ROWS))) {
      const variable = { key, ...parseKey(key) };
      const shape = stored.get(variable.stored);
      if (!shape)
        throw new DamagedCheckpointError(file, `"${variable.stored}", which the model does not have`);
      const rows = source.has(key + ROWS) ? Array.from((await source.read(key + ROWS)).data) : undefined;
      const expected = usedShape({ name: key, shape, part: rows ? { rows } : variable.range });
      const own = source.info(key).shape;
      if (String(expected) !== String(own) || rows?.some((row) => row >= shape[0]!))
        throw new DamagedCheckpointError(file, `"${key}" of shape [${own}], not [${expected}]`);
      const read = () => inFile((again) => again.read(key));
      found.push({ variable: { ...variable, rows }, read });
    }
    return found;
  });
  return movedModel(model, variables);
};
