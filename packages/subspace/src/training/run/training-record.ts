import type { SafetensorsFile } from '@ntk-lens/checkpoints';
import { firstNonFinite, isNtkLensError, type NDArray, sameShape } from '@ntk-lens/core';
import { DamagedCheckpointError } from '../errors.js';
import type { Variable } from '../variables/plan-variables.js';

/** The numbers of one optimizer step. */
export interface HistoryEntry {
  /** Optimizer steps taken. */
  readonly step: number;
  /** Mean loss of the step's batch, before the step. */
  readonly loss?: number;
  /** Global norm of the gradient, where it was needed. */
  readonly gradientNorm?: number;
  readonly learningRate?: number;
  readonly dev?: { readonly score: number; readonly loss: number };
}

/** Everything but tensors that a training is resumed from. */
export interface TrainingRecord {
  readonly step: number;
  readonly history: readonly HistoryEntry[];
  readonly best?: { readonly step: number; readonly score: number };
  /** Evaluations since the best one. */
  readonly withoutGain: number;
  /** True once the last step was taken or training stopped early. */
  readonly finished: boolean;
}

/** Named tensors, made one after another as they are written. */
export type TensorsByName = ReadonlyMap<string, NDArray<'float32'>>;

/** Where a training keeps its newest state and the best values on dev, so that it can go on. */
export interface TrainingStore {
  /** The record that was found when it was opened. */
  readonly record: TrainingRecord | undefined;
  /** Name of the newest state, and of the best values, if there are any. */
  readonly stateFile: string | undefined;
  readonly bestFile: string | undefined;
  open(file: string): Promise<SafetensorsFile>;
  /** Writes values that are the best so far. They count only once {@link save} has named them. */
  writeBest(step: number, values: TensorsByName): Promise<void>;
  /**
   * Makes a state the newest; what it replaces is removed after.
   *
   * @param tensors weights and optimizer state; absent where training is finished and the best values are enough
   */
  save(record: TrainingRecord, tensors: TensorsByName | undefined): Promise<void>;
  /** Writes a point of the trajectory, which counts once {@link save} has named it. */
  writePoint(step: number, tensors: ReadonlyMap<string, NDArray>): Promise<void>;
}

/**
 * Reads tensors that a checkpoint must hold.
 *
 * @throws DamagedCheckpointError if the file is not whole, or a tensor is missing, of another shape, or not finite
 */
export const readTensors = async (
  store: TrainingStore,
  file: string,
  wanted: readonly { readonly name: string; readonly variable: Variable }[],
  take: (name: string, variable: Variable, array: NDArray<'float32'>) => Promise<void>,
): Promise<void> => {
  try {
    const source = await store.open(file);
    try {
      for (const { name, variable } of wanted) {
        if (!source.has(name)) throw new DamagedCheckpointError(file, `no tensor "${name}"`);
        const array = await source.read(name);
        if (!sameShape(array.shape, variable.shape))
          throw new DamagedCheckpointError(
            file,
            `"${name}" of shape [${array.shape}], not [${variable.shape}]`,
          );
        await take(name, variable, array);
      }
    } finally {
      await source.close();
    }
  } catch (cause) {
    if (isNtkLensError(cause) && cause.code === DamagedCheckpointError.code) throw cause;
    throw new DamagedCheckpointError(file, (cause as Error).message.replace(/\.$/, ''), { cause });
  }
};

/** Name of the first tensor that is not finite, if any. */
export const nonFiniteTensor = (tensors: TensorsByName): string | undefined => {
  for (const [name, { data }] of tensors) if (firstNonFinite(data) >= 0) return name;
  return undefined;
};
