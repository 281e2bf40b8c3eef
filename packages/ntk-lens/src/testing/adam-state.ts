import { writeFile } from 'node:fs/promises';
import { encodeTorchFile, type TorchValue } from '@ntk-lens/checkpoints';
import { ndarray, sizeOf } from '@ntk-lens/core';
import { loadModel } from '@ntk-lens/models';

export interface AdamStateOptions {
  /** Steps that the optimizer has taken. Default: 3. */
  readonly step?: number;
  /** β₂ of the groups; null leaves it out. Default: 0.99. */
  readonly beta2?: number | null;
  /** Whether the file names its parameters. Default: true. */
  readonly named?: boolean;
  /** Whether the optimizer has a parameter. Default: all. */
  readonly trained?: (name: string) => boolean;
  /** First number of v of the first parameter. */
  readonly first?: number;
}

/**
 * Writes the state of an Adam optimizer that trained a model, with made-up second moments.
 *
 * @returns names of its parameters, in its order
 */
export const writeAdamState = async (
  file: string,
  directory: string,
  { step = 3, beta2 = 0.99, named = true, trained = () => true, first }: AdamStateOptions = {},
): Promise<readonly string[]> => {
  const model = await loadModel(directory);
  await model.close();
  const names = [...new Set([...model.parameters.keys()].map((name) => model.storedName(name)))].filter(
    trained,
  );
  const moments = names.map((name, k) => {
    const shape = model.parameters.get(name)!;
    const v = Float32Array.from({ length: sizeOf(shape) }, (_, i) => 1e-6 * (1 + ((7919 * i + 31 * k) % 97)));
    if (k === 0 && first !== undefined) v[0] = first;
    return new Map<string, TorchValue>([
      ['step', step],
      ['exp_avg', ndarray<'float32'>(new Float32Array(v.length), shape)],
      ['exp_avg_sq', ndarray<'float32'>(v, shape)],
    ]);
  });
  const group = new Map<string, TorchValue>([
    ['lr', 1e-3],
    ...(beta2 === null ? [] : [['betas', [0.9, beta2]] as const]),
    ['params', names.map((_, k) => k)],
    ...(named ? [['param_names', [...names]] as const] : []),
  ]);
  const state = new Map<string, TorchValue>([
    ['state', new Map(moments.map((moment, k) => [k, moment]))],
    ['param_groups', [group]],
  ]);
  await writeFile(file, await encodeTorchFile(state));
  return names;
};
