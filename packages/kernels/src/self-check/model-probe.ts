import { type EncodedExample, type LongTaskOptions, ndarray, throwIfCancelled } from '@ntk-lens/core';
import { type Program, type Resident, type Runtime, type TensorSpec, tf } from '@ntk-lens/engine';
import {
  collate,
  type LanguageModel,
  type Stage,
  type StageWeights,
  stageFunction,
  uploadStageWeights,
} from '@ntk-lens/models';
import { activeParameters } from '../factors/active-parameters.js';
import { cotangentInputs, splitCotangents } from '../factors/stage-cotangents.js';
import { factorProgram, forwardProgram, type StageDims } from '../factors/stage-programs.js';
import { ResidentScope } from '../resident-scope.js';
import { type Direction, useOf } from './direction.js';
import { gradientProgram } from './gradient-program.js';

/** A point θ₀ + step · direction. */
export interface Displacement {
  readonly direction: Direction;
  readonly step: number;
}

/**
 * Evaluates a model's outputs and their gradients one at a time, anywhere on a line through θ₀, with any
 * padding: the plain counterpart of what kernels do for whole data sets at once.
 */
export class ModelProbe {
  readonly scope: ResidentScope;
  readonly stages: readonly Stage[];
  readonly #model: LanguageModel;
  readonly #weights: StageWeights;
  readonly #outputs: number;
  readonly #signal: AbortSignal | undefined;

  private constructor(
    scope: ResidentScope,
    model: LanguageModel,
    stages: readonly Stage[],
    weights: StageWeights,
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
    labelWordIds: readonly number[],
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

  weightsOf(stage: Stage): Readonly<Record<string, Resident>> {
    return this.#weights.of(stage);
  }

  /** Logits of the label words, `[n · C]`, of examples padded to `length` tokens and run as one batch. */
  async logits(
    examples: readonly EncodedExample[],
    length: number,
    at?: Displacement,
  ): Promise<ArrayLike<number>> {
    const side = await this.#upload(examples, length);
    const identity = Array.from({ length: this.#outputs }, (_, i) => this.#oneHot(i));
    const { y, states } = await this.#forward(side, identity, at);
    this.scope.release([...Object.values(side), ...states]);
    return y;
  }

  /** ∇f_c of one example padded to `length` tokens, formed from the factors that kernels are made of. */
  async gradient(example: EncodedExample, output: number, length: number): Promise<Direction> {
    const { scope, stages } = this;
    const side = await this.#upload([example], length);
    const readouts = [this.#oneHot(output)];
    const { states } = await this.#forward(side, readouts);
    const gradient = new Map<string, Resident>();
    let cotangents: readonly Resident[] = [];
    for (let index = stages.length - 1; index >= 0; index--) {
      throwIfCancelled(this.#signal, 'The self-check');
      const stage = stages[index]!;
      const x = index > 0 ? states[index - 1] : undefined;
      const active = activeParameters(stage, () => true, true);
      const above = cotangents[0]?.shape ?? [];
      const isHead = index === stages.length - 1;
      const dims = this.#dims(stage, side, x, readouts);
      const factors = await scope.run(factorProgram(stage, dims, active, isHead, above, length), {
        ...this.#prefixed(stage),
        ...side,
        ...(x && { x }),
        ...cotangentInputs(cotangents),
      });
      const { dxs, rest } = splitCotangents(factors);
      const { program, outputs } = gradientProgram(
        active,
        mapValues(rest, ({ shape }) => shape),
        mapValues(this.weightsOf(stage), ({ shape }) => shape),
        length,
      );
      const { ids, positions } = side as Record<'ids' | 'positions', Resident>;
      const parts = await scope.run(program, { ...rest, ids, positions });
      for (const { name, parameter } of outputs) await this.#add(gradient, useOf(parameter), parts[name]!);
      scope.release([...Object.values(rest), ...cotangents]);
      cotangents = dxs;
    }
    scope.release([...Object.values(side), ...states]);
    return gradient;
  }

  async #add(gradient: Map<string, Resident>, use: string, part: Resident): Promise<void> {
    const known = gradient.get(use);
    if (!known) {
      gradient.set(use, part);
      return;
    }
    const spec: TensorSpec = { dtype: 'float32', shape: part.shape };
    const program: Program = {
      name: 'add',
      inputs: { x: spec, y: spec },
      build: ({ x, y }) => ({ sum: tf.add(x!, y!) }),
    };
    gradient.set(use, (await this.scope.run(program, { x: known, y: part }))['sum']!);
    this.scope.release([known, part]);
  }

  async #forward(
    side: Readonly<Record<string, Resident>>,
    readouts: readonly (readonly number[])[],
    at?: Displacement,
  ): Promise<{ readonly y: ArrayLike<number>; readonly states: readonly Resident[] }> {
    const states: Resident[] = [];
    for (const [index, stage] of this.stages.entries()) {
      throwIfCancelled(this.#signal, 'The self-check');
      const x = states.at(-1);
      const weights = this.#prefixed(stage);
      const moved = at ? await this.#move(stage, weights, at) : {};
      const isHead = index === this.stages.length - 1;
      const program = forwardProgram(stage, this.#dims(stage, side, x, readouts), isHead);
      const inputs = { ...weights, ...moved, ...side, ...(x && { x }) };
      if (isHead) {
        const { y } = await this.scope.compute(program, inputs);
        this.scope.release(Object.values(moved));
        return { y: y!.data, states };
      }
      states.push((await this.scope.run(program, inputs))['y']!);
      this.scope.release(Object.values(moved));
    }
    throw new Error('A model has at least one stage.');
  }

  /** The weights of a stage at a displaced point, those that move. */
  async #move(
    stage: Stage,
    weights: Readonly<Record<string, Resident>>,
    { direction, step }: Displacement,
  ): Promise<Record<string, Resident>> {
    const inputs: Record<string, Resident> = {};
    for (const [local, ref] of Object.entries(stage.weights)) {
      const v = direction.get(useOf(ref));
      if (!v) continue;
      inputs[`w:${local}`] = weights[`w:${local}`]!;
      inputs[`v:${local}`] = v;
    }
    const moving = Object.keys(inputs).filter((name) => name.startsWith('w:'));
    if (moving.length === 0) return {};
    const h = await this.scope.upload(ndarray<'float32'>(Float32Array.of(step), [1]));
    const all = { ...inputs, h };
    const program: Program = {
      name: 'move weights',
      inputs: mapValues(all, ({ shape }): TensorSpec => ({ dtype: 'float32', shape })),
      build: (tensors) =>
        Object.fromEntries(
          moving.map((name) => [
            `moved ${name}`,
            tf.add(tensors[name]!, tf.mul(tensors[name.replace('w:', 'v:')]!, tensors['h']!)),
          ]),
        ),
    };
    const moved = await this.scope.run(program, all);
    this.scope.release([h]);
    return Object.fromEntries(moving.map((name) => [name, moved[`moved ${name}`]!]));
  }

  async #upload(examples: readonly EncodedExample[], length: number): Promise<Record<string, Resident>> {
    const batch = { indices: examples.map((_, i) => i), length };
    const side: Record<string, Resident> = {};
    for (const [name, array] of Object.entries(collate(examples, batch, this.#model.config))) {
      side[name] = await this.scope.upload(array);
    }
    return side;
  }

  #prefixed(stage: Stage): Record<string, Resident> {
    const entries = Object.entries(this.weightsOf(stage));
    return Object.fromEntries(entries.map(([local, weight]) => [`w:${local}`, weight]));
  }

  #dims(
    stage: Stage,
    side: Readonly<Record<string, Resident>>,
    x: Resident | undefined,
    readouts: StageDims['readouts'],
  ): StageDims {
    const [n, length] = side['ids']!.shape as [number, number];
    return {
      stageFunction: stageFunction(this.#model.config, stage),
      n,
      length,
      ...(x && { input: x.shape }),
      readouts,
    };
  }

  #oneHot(output: number): number[] {
    return Array.from({ length: this.#outputs }, (_, i) => (i === output ? 1 : 0));
  }
}

const mapValues = <T, U>(record: Readonly<Record<string, T>>, f: (value: T) => U): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, f(value)]));
