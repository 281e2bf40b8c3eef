import type { NDArray } from '@ntk-lens/core';
import { type Resident, type Runtime, tf } from '@ntk-lens/engine';
import { type BatchArrays, collate } from '../batching/batch.js';
import { uploadSide } from '../batching/upload-side.js';
import { type DropoutPlace, RecordingContext } from '../chain/recording-context.js';
import { ChainBatch } from '../chain/stage-chain.js';
import type { LogitWeights } from '../chain/stage-programs.js';
import { takePart } from '../forward/take-part.js';
import { loadModel } from '../node/load-model.js';
import type { SideInputs } from '../stages/side-inputs.js';
import type { Stage } from '../stages/stage.js';
import { architectureCase } from './architecture-cases.js';

type Arrays = Readonly<Record<string, NDArray<'float32'>>>;

/** A tiny model with a batch for it: all that a chain needs, in arrays. */
export interface ChainCase {
  readonly stages: readonly Stage[];
  /** Weights by local name, for each stage. */
  readonly weights: readonly Arrays[];
  /** A batch of examples, the shorter ones padded. */
  readonly batch: () => BatchArrays;
}

/** The chain of stages of a tiny model. */
export const chainCase = async (name: string): Promise<ChainCase> => {
  const { directory, examples, labelWordIds } = architectureCase(name);
  const model = await loadModel(directory);
  const stages = model.stages(labelWordIds);
  const weights = await Promise.all(
    stages.map(async (stage) => {
      const entries = Object.entries(stage.weights).map(async ([local, ref]) => {
        return [local, takePart(await model.read(ref.name), ref.part)] as const;
      });
      return Object.fromEntries(await Promise.all(entries));
    }),
  );
  await model.close();
  const indices = [...examples.keys()];
  const length = Math.max(...examples.map(({ inputIds }) => inputIds.length)) + 1;
  return { stages, weights, batch: () => collate(examples, { indices, length }, model.config) };
};

const copied = <A extends NDArray<'float32' | 'int32'>>(array: A): A => ({
  ...array,
  data: array.data.slice(),
});

/** The weights of each stage in a runtime's memory. */
export const uploadWeights = async (
  runtime: Runtime,
  { stages, weights }: ChainCase,
): Promise<ReadonlyMap<Stage, Readonly<Record<string, Resident>>>> => {
  const resident = new Map<Stage, Readonly<Record<string, Resident>>>();
  for (const [i, stage] of stages.entries()) {
    const own: Record<string, Resident> = {};
    for (const [local, array] of Object.entries(weights[i]!))
      own[local] = await runtime.upload(copied(array));
    resident.set(stage, own);
  }
  return resident;
};

/** The batch in a runtime's memory. */
export const uploadBatch = async (runtime: Runtime, { batch }: ChainCase): Promise<ChainBatch> =>
  new ChainBatch(await uploadSide(runtime, batch()));

const tensorOf = ({ data, shape, dtype }: NDArray<'float32' | 'int32'>): tf.Tensor =>
  tf.tensor(data, [...shape], dtype);

/** Dropout masks for each stage, by place. */
export type Masks = readonly Arrays[];

/**
 * The whole network as one function of tensors, on the current backend of tfjs. Chains are compared with it.
 */
export class PlainNetwork {
  readonly #case: ChainCase;
  readonly #side: SideInputs;
  readonly #masks: Masks;

  constructor(network: ChainCase, masks: Masks = []) {
    this.#case = network;
    this.#masks = masks;
    const { ids, positions, types, attention, readout } = network.batch();
    const side = { ids, positions, types, attention, readout };
    this.#side = Object.fromEntries(
      Object.entries(side).map(([name, array]) => [name, tensorOf(array)]),
    ) as unknown as SideInputs;
  }

  /** All weights, stage by stage. */
  variables(): tf.Tensor[] {
    return this.#case.weights.flatMap((own) => Object.values(own).map(tensorOf));
  }

  /**
   * The output of the last stage for given weights; `watch` is given the access in which each stage was
   * applied.
   */
  apply(
    variables: readonly tf.Tensor[],
    watch?: (stage: number, context: RecordingContext) => void,
  ): tf.Tensor {
    const left = [...variables];
    let x: tf.Tensor | undefined;
    for (const [i, stage] of this.#case.stages.entries()) {
      const weights = Object.fromEntries(
        Object.keys(this.#case.weights[i]!).map((local) => [local, left.shift()!]),
      );
      const masks = Object.fromEntries(
        Object.entries(this.#masks[i] ?? {}).map(([place, array]) => [place, tensorOf(array)]),
      );
      const context = new RecordingContext({ masks });
      x = stage.apply(context, weights, this.#side, x);
      watch?.(i, context);
    }
    return x!;
  }

  /** Places of dropout of each stage. */
  places(): readonly ReadonlyMap<string, DropoutPlace>[] {
    const places: ReadonlyMap<string, DropoutPlace>[] = [];
    this.apply(this.variables(), (_, context) => places.push(context.places));
    return places;
  }

  /** Gradients of the outputs, each summed over the examples: [weight][output]. */
  gradients(logitWeights: LogitWeights): readonly (readonly number[])[][] {
    const variables = this.variables();
    const found: (readonly number[])[][] = variables.map(() => []);
    for (const readout of logitWeights) {
      const output = (...moved: tf.Tensor[]): tf.Scalar =>
        this.apply(moved)
          .mul(tf.tensor1d([...readout]))
          .sum() as tf.Scalar;
      for (const [i, gradient] of tf.grads(output)(variables).entries())
        found[i]!.push([...gradient.dataSync()]);
    }
    return found;
  }
}
