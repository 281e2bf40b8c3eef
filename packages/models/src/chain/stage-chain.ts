import { throwIfCancelled } from '@ntk-lens/core';
import { type MapPorts, mapAhead, type Resident, type Runtime, type tf } from '@ntk-lens/engine';
import type { Side } from '../stages/side-inputs.js';
import type { Stage } from '../stages/stage.js';
import type { Wanted } from './differentiate.js';
import { type BackwardProgram, forwardStage, type LogitWeights } from './stage-programs.js';
import { mapNamed, type Named, type StageShapes, shapesOf } from './stage-tensors.js';

/** A batch of n examples padded to T tokens on its way through a chain, and what passes leave of it in the runtime. */
export class ChainBatch {
  readonly side: Side<Resident>;
  /** Cotangents of the output of the stage that is next to run backwards, one for each output f. */
  cotangents: readonly Resident[] = [];
  readonly #held = new Map<number, HeldStage>();

  constructor(side: Side<Resident>) {
    this.side = side;
  }

  get n(): number {
    return this.side.ids.shape[0] ?? 0;
  }

  /** T. */
  get length(): number {
    return this.side.ids.shape[1] ?? 0;
  }

  /** Keeps what the forward pass of a stage leaves for its backward pass. */
  hold(index: number, held: HeldStage): void {
    this.#held.set(index, held);
  }

  /** Takes out what was held of a stage. */
  take(index: number): HeldStage {
    const held = this.#held.get(index) ?? nothingHeld;
    this.#held.delete(index);
    return held;
  }

  /** Gives what is held of a stage, which stays. */
  peek(index: number): HeldStage {
    return this.#held.get(index) ?? nothingHeld;
  }

  /** All that is held, the side inputs included. */
  tensors(): Resident[] {
    const held = [...this.#held.values()].flatMap(heldTensors);
    return [...Object.values(this.side), ...held, ...this.cotangents];
  }
}

/** The tensors that the forward pass of a stage leaves for its backward pass. */
export interface HeldStage {
  /** The hidden state that entered it; absent for the first stage. */
  readonly x: Resident | undefined;
  /** Values of sites. */
  readonly kept: Named<Resident>;
  /** Dropout masks. */
  readonly masks: Named<Resident>;
}

const nothingHeld: HeldStage = { x: undefined, kept: {}, masks: {} };

const heldTensors = ({ x, kept, masks }: HeldStage): Resident[] => [
  ...(x ? [x] : []),
  ...Object.values(kept),
  ...Object.values(masks),
];

/** A forward pass can do more than compute: keep, drop and show tensors. */
export interface ForwardHooks {
  /** First stage of which the input and kept values are held in the batch. Default: none is. */
  readonly holdFrom?: number;
  /** Sites whose values are kept. Default: none. */
  readonly keep?: (index: number) => readonly string[];
  /** Dropout masks of a stage, which the batch then owns. Default: nothing is dropped. */
  readonly masks?: (index: number, shapes: StageShapes) => Promise<Named<Resident>>;
  /** Called when all batches have passed a stage. */
  readonly onStage?: (index: number) => void;
  /** Looks at what a stage put out, before it goes on. */
  readonly after?: (stage: Stage, y: Resident, kept: Named<Resident>) => Promise<void>;
}

export interface ChainOptions {
  readonly runtime: Runtime;
  readonly stages: readonly Stage[];
  /** A stage's weights by local name, resident. */
  readonly weightsOf: (stage: Stage) => Named<Resident> | Promise<Named<Resident>>;
  /** Called when nothing runs on any stage's weights until this stage's are asked for. */
  readonly turnTo?: (stage: Stage) => void;
  /**
   * Outputs f of the last stage's logits. Default: a forward pass gives whatever the last stage computes, and a backward
   * pass starts from the cotangents that are in the batch.
   */
  readonly logitWeights?: LogitWeights;
  readonly signal?: AbortSignal | undefined;
  /** The subject of the message of a cancellation: "The forward pass". */
  readonly what?: string;
}

/**
 * Runs the stages of a model, forward and backward, one program for each. Kernels, training, J v and checks are hooks
 * and takes of it: nobody else walks over stages.
 *
 * @example
 * ```ts
 * const chain = new StageChain({ runtime, stages, weightsOf: (stage) => weights.of(stage) });
 * const batch = new ChainBatch(await uploadSide(runtime, collate(examples, planned, model.config)));
 * const logits = await chain.forward(batch); // resident, [n, C]
 * runtime.release([logits, ...batch.tensors()]);
 * ```
 */
export class StageChain {
  readonly stages: readonly Stage[];
  readonly runtime: Runtime;
  readonly #options: ChainOptions;

  constructor(options: ChainOptions) {
    this.#options = options;
    this.runtime = options.runtime;
    this.stages = options.stages;
  }

  /**
   * Runs a batch through all stages.
   *
   * @returns the output of the last stage, resident and the caller's to release
   * @throws CancelledError
   */
  async forward(batch: ChainBatch, hooks: ForwardHooks = {}): Promise<Resident> {
    const [y] = await this.forwardAll([batch], hooks);
    return y!;
  }

  /**
   * Runs batches through all stages, all of them through a stage before the next one: the weights of each stage are asked
   * for once.
   *
   * @returns the output of the last stage for each, resident and the caller's to release
   * @throws CancelledError
   */
  async forwardAll(batches: readonly ChainBatch[], hooks: ForwardHooks = {}): Promise<Resident[]> {
    if (this.stages.length === 0) throw new Error('A chain has at least one stage.');
    let states: (Resident | undefined)[] = batches.map(() => undefined);
    for (const index of this.stages.keys()) {
      const entering = states;
      const leaving: Resident[] = [];
      try {
        await mapAhead(batches, async (batch, i) => {
          const x = entering[i];
          // From here on the stage releases it.
          entering[i] = undefined;
          leaving[i] = await this.#forwardStage(index, batch, x, hooks);
        });
      } catch (error) {
        this.runtime.release([...entering, ...leaving].filter((state) => state !== undefined));
        throw error;
      }
      hooks.onStage?.(index);
      states = leaving;
    }
    return states as Resident[];
  }

  /** Runs one stage; `x` is then held in the batch, or released. */
  async #forwardStage(
    index: number,
    batch: ChainBatch,
    x: Resident | undefined,
    { holdFrom = Number.POSITIVE_INFINITY, keep, masks: masksOf, after }: ForwardHooks,
  ): Promise<Resident> {
    const { runtime, stages } = this;
    const stage = stages[index]!;
    // Tensors that are released if the stage fails, and afterwards.
    let loose: Resident[] = x ? [x] : [];
    try {
      this.#refuseIfCancelled();
      const weights = await this.#options.weightsOf(stage);
      const unmasked = { weights, side: batch.side, x, masks: {} };
      const masks = masksOf ? await masksOf(index, shapesOf(unmasked)) : {};
      loose.push(...Object.values(masks));
      const tensors = { ...unmasked, masks };
      const program = forwardStage({
        stage,
        shapes: shapesOf(tensors),
        keep: keep?.(index) ?? [],
        logitWeights: index === stages.length - 1 ? this.#options.logitWeights : undefined,
      });
      const { y, kept } = await program.run(runtime, tensors);
      if (index >= holdFrom) {
        // A batch may come by again before it went backwards.
        runtime.release(heldTensors(batch.take(index)));
        batch.hold(index, { x, kept, masks });
        loose = [];
      } else loose.push(...Object.values(kept));
      try {
        await after?.(stage, y, kept);
      } catch (error) {
        loose.push(y);
        throw error;
      }
      return y;
    } finally {
      runtime.release(loose);
    }
  }

  /**
   * Runs one stage backwards for a batch and leaves cotangents for the stage below. It starts from the
   * cotangents that the stage above left in the batch, or, at the last stage, from the outputs f. The values
   * held of the stage are released.
   *
   * @param program made by `defineBackward`
   * @param settings the program's own settings, and the wanted gradients
   * @returns the program's results for the gradients, resident and the caller's to release
   * @throws Error where there are neither cotangents nor outputs f to start from; CancelledError
   */
  async backward<S extends { readonly wanted: Wanted }, O>(
    index: number,
    batch: ChainBatch,
    program: BackwardProgram<S, O>,
    settings: S,
  ): Promise<MapPorts<O, tf.Tensor, Resident>> {
    const { runtime } = this;
    this.#refuseIfCancelled();
    const stage = this.stages[index];
    if (!stage) throw new Error(`There is no stage ${index} among ${this.stages.length}.`);
    const { x, kept, masks } = batch.peek(index);
    const above = batch.cotangents;
    const tensors = { weights: await this.#options.weightsOf(stage), side: batch.side, x, masks };
    const atHead = index === this.stages.length - 1 && above.length === 0;
    const logitWeights = atHead ? this.#options.logitWeights : undefined;
    if (above.length === 0 && !logitWeights)
      throw new Error(
        `Stage ${stage.name} cannot run backwards: there are no cotangents of its output. ` +
          'Run the stage above it first, or give the chain logitWeights.',
      );
    const made = (await program({
      ...settings,
      stage,
      shapes: shapesOf(tensors),
      kept: mapNamed(kept, ({ shape }) => shape),
      above: above.map(({ shape }) => shape),
      logitWeights,
    }).run(runtime, { ...tensors, kept, dys: above })) as unknown as {
      readonly dxs: readonly Resident[];
      readonly taken: MapPorts<O, tf.Tensor, Resident>;
    };
    runtime.release([...heldTensors(batch.take(index)), ...above]);
    batch.cotangents = made.dxs;
    return made.taken;
  }

  /** Says that the next program runs stage `index`, after other work that needs no weights. */
  turnTo(index: number): void {
    this.#options.turnTo?.(this.stages[index]!);
  }

  #refuseIfCancelled(): void {
    throwIfCancelled(this.#options.signal, this.#options.what ?? 'The pass over the model');
  }
}
