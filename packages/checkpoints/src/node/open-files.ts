import type { StoredState } from '../optimizer-states/stored-state.js';
import { tensorsStateFrom } from '../optimizer-states/tensors-state.js';
import { torchStateFrom } from '../optimizer-states/torch-state.js';
import { type SafetensorsFile, safetensorsFrom } from '../safetensors/safetensors-from.js';
import type { WeightSource } from '../source/weight-source.js';
import { type TorchValue, torchValueFrom } from '../torch/torch-value.js';
import { torchWeightsFrom } from '../torch/torch-weights.js';
import { openFile } from './open-file.js';

/**
 * `safetensorsFrom` of a file.
 *
 * @example
 * ```ts
 * const source = await openSafetensors('model.safetensors');
 * const { data, shape } = await source.read('bert.embeddings.word_embeddings.weight');
 * await source.close();
 * ```
 */
export const openSafetensors = async (file: string): Promise<SafetensorsFile> =>
  safetensorsFrom(await openFile(file));

/** `torchWeightsFrom` of a file, a `pytorch_model.bin`. */
export const openTorchWeights = async (file: string): Promise<WeightSource> =>
  torchWeightsFrom(await openFile(file));

/**
 * `torchValueFrom` of a file.
 *
 * @example
 * ```ts
 * const [kernel, labels] = (await readTorchFile('train_kernels_SST-2.pt')) as [NDArray, NDArray];
 * ```
 */
export const readTorchFile = async (file: string): Promise<TorchValue> =>
  torchValueFrom(await openFile(file));

/** `tensorsStateFrom` of a file, an optimizer's state in safetensors. */
export const openTensorsState = async (file: string): Promise<StoredState> =>
  tensorsStateFrom(await openFile(file));

/** `torchStateFrom` of a file, an `optimizer.pt`. */
export const openTorchState = async (file: string): Promise<StoredState> =>
  torchStateFrom(await openFile(file));
