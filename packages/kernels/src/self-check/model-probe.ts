import { type EncodedExample, type LongTaskOptions, ndarray } from '@ntk-lens/core';
import { defineProgram, type Resident, type Runtime, type TensorSpec, tf } from '@ntk-lens/engine';
import {
  ChainBatch,
  collate,
  firstPosition,
  floatSpecs,
  type LabelWordIds,
  type LanguageModel,
  mapNamed,
  type Named,
  partKey,
  type ResidentWeights,
  type Stage,
  StageChain,
  uploadSide,
  uploadStageWeights,
  usedShape,
} from '@ntk-lens/models';
import { float } from '../contract/matrix-shapes.js';
import { activeParameters, allActive } from '../factors/active-parameters.js';
import { stageFactors } from '../factors/stage-factors.js';
import { ResidentScope } from '../pass/resident-scope.js';
import type { Direction } from './direction.js';
import { gradientProgram } from './gradient-program.js';

/** A point θ₀ + step · direction. */
export interface Displacement {
  readonly direction: Direction;
  readonly step: number;
}

/** x + h v of weights, by local name. */
const moveWeights = defineProgram('move weights', {
  inputs: ({ shapes }: { readonly shapes: Named<readonly number[]> }) => ({
    weights: floatSpecs(shapes),
    directions: floatSpecs(shapes),
    h: { dtype: 'float32', shape: [1] } as TensorSpec,
  }),
  build: ({ weights, directions, h }) => ({
    moved: mapNamed(weights, (weight, local) => {
      const v = directions[local];
      return v ? tf.add(weight, tf.mul(v, h)) : weight;
    }),
  }),
});

const addTensors = defineProgram('add', {
  inputs: ({ shape }: { readonly shape: readonly number[] }) => ({ x: float(shape), y: float(shape) }),
  build: ({ x, y }) => ({ sum: tf.add(x, y) }),
});

/**
 * Evaluates a model's outputs and their gradients one at a time, anywhere on a line through θ₀, with any
 * padding: the plain counterpart of what kernels do for whole data sets at once.
 */
export class ModelProbe {
  readonly scope: ResidentScope;
  readonly stages: readonly Stage[];
  readonly #model: LanguageModel;
  readonly #weights: ResidentWeights;
  readonly #outputs: number;
  readonly #signal: AbortSignal | undefined;

  private constructor(
    scope: ResidentScope,
    model: LanguageModel,
    stages: readonly Stage[],
    weights: ResidentWeights,
    outputs: number,
    signal: AbortSignal | undefined,
  ) {
    this.scope = scope;
    this.stages = stages;
    this.#model = model;
    this.#weights = weights;
    this.#outputs = outputs;
    this.#signal = signal;
  }

  static async open(
    runtime: Runtime,
    model: LanguageModel,
    labelWordIds: LabelWordIds,
    options: LongTaskOptions = {},
  ): Promise<ModelProbe> {
    const scope = new ResidentScope(runtime);
    const stages = model.stages(labelWordIds);
    const weights = await uploadStageWeights(scope, model, stages, options);
    return new ModelProbe(scope, model, stages, weights, labelWordIds.length, options.signal);
  }

  /** Releases all that the probe holds. */
  close(): Promise<void> {
    return this.scope.close();
  }

  weightsOf(stage: Stage): Named<Resident> {
    return this.#weights.of(stage);
  }

  /** Logits of the label words, `[n · C]`, of examples padded to `length` tokens and run as one batch. */
  async logits(
    examples: readonly EncodedExample[],
    length: number,
    at?: Displacement,
  ): Promise<ArrayLike<number>> {
    const batch = await this.#upload(examples, length);
    let loose: readonly Resident[] = [];
    const weightsOf = async (stage: Stage): Promise<Named<Resident>> => {
      const weights = this.weightsOf(stage);
      if (!at) return weights;
      this.scope.release(loose);
      const moved = await this.#move(stage, weights, at);
      loose = Object.values(moved);
      return { ...weights, ...moved };
    };
    const y = await this.#chain(weightsOf).forward(batch);
    const { data } = await this.scope.download(y);
    this.scope.release([y, ...loose, ...batch.tensors()]);
    return data;
  }

  /** ∇f_c of one example padded to `length` tokens, formed from the factors that kernels are made of. */
  async gradient(example: EncodedExample, output: number, length: number): Promise<Direction> {
    const { scope, stages } = this;
    const running = await this.#upload([example], length);
    const oneHot = Array.from({ length: this.#outputs }, (_, i) => (i === output ? 1 : 0));
    const chain = this.#chain((stage) => this.weightsOf(stage), [oneHot]);
    const y = await chain.forward(running, { holdFrom: 0 });
    scope.release([y]);
    const gradient = new Map<string, Resident>();
    const lengths = { padTo: length, firstPosition: firstPosition(this.#model.config) };
    const batch = { indices: [0], ids: [example.inputIds], running };
    for (let index = stages.length - 1; index >= 0; index--) {
      const stage = stages[index]!;
      const active = activeParameters(stage, () => true, true);
      const parameters = allActive(active);
      const { matrices, vectors, rows } = await stageFactors(chain, index, batch, active, lengths);
      const factors = { matrices: matrices.map(({ a, b }) => ({ a, b })), vectors, rows };
      const program = gradientProgram({
        ...{ stage: { identity: stage.identity }, active, lengths },
        used: parameters.map(({ ref }) => usedShape(ref)),
        factors: {
          matrices: matrices.map(({ a, b }) => ({ a: a.shape, b: b.map(({ shape }) => shape) })),
          vectors: vectors?.shape,
          rows: rows.map(({ shape }) => shape),
        },
      });
      const { gradients } = await program.run(scope, { factors, ids: running.side.ids });
      for (const [i, { ref }] of parameters.entries()) await this.#add(gradient, partKey(ref), gradients[i]!);
      const used = matrices.flatMap(({ a, b }) => [a, ...b]);
      scope.release([...new Set(used), ...(vectors ? [vectors] : []), ...rows]);
    }
    scope.release(running.tensors());
    return gradient;
  }

  async #add(gradient: Map<string, Resident>, use: string, part: Resident): Promise<void> {
    const known = gradient.get(use);
    if (!known) {
      gradient.set(use, part);
      return;
    }
    const { sum } = await addTensors({ shape: part.shape }).run(this.scope, { x: known, y: part });
    gradient.set(use, sum);
    this.scope.release([known, part]);
  }

  /** The weights of a stage at a displaced point, those that move. */
  async #move(
    stage: Stage,
    weights: Named<Resident>,
    { direction, step }: Displacement,
  ): Promise<Named<Resident>> {
    const directions = Object.fromEntries(
      Object.entries(stage.weights).flatMap(([local, ref]) => {
        const v = direction.get(partKey(ref));
        return v ? [[local, v] as const] : [];
      }),
    );
    if (Object.keys(directions).length === 0) return {};
    const moving = Object.fromEntries(
      Object.entries(weights).filter(([local]) => Object.hasOwn(directions, local)),
    );
    const h = await this.scope.upload(ndarray<'float32'>(Float32Array.of(step), [1]));
    const program = moveWeights({ shapes: mapNamed(moving, ({ shape }) => shape) });
    const { moved } = await program.run(this.scope, { weights: moving, directions, h });
    this.scope.release([h]);
    return moved;
  }

  async #upload(examples: readonly EncodedExample[], length: number): Promise<ChainBatch> {
    const batch = { indices: examples.map((_, i) => i), length };
    return new ChainBatch(await uploadSide(this.scope, collate(examples, batch, this.#model.config)));
  }

  #chain(
    weightsOf: (stage: Stage) => Named<Resident> | Promise<Named<Resident>>,
    logitWeights?: readonly (readonly number[])[],
  ): StageChain {
    return new StageChain({
      ...{
        runtime: this.scope,
        stages: this.stages,
        weightsOf,
        signal: this.#signal,
        what: 'The self-check',
      },
      logitWeights,
    });
  }
}
