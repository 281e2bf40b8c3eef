import type { Resident, Runtime } from '@ntk-lens/engine';
import {
  type ChainBatch,
  type DropoutPlace,
  fanIn,
  linearSites,
  type Named,
  type Stage,
  StageChain,
  type StageShapes,
  type Wanted,
} from '@ntk-lens/models';
import { dropoutPlaces } from '../programs/dropout-places.js';
import { trainBackward, wantedOf } from '../programs/train-backward.js';
import type { ParameterStore } from '../variables/parameter-store.js';
import type { Variable, VariablePlan } from '../variables/plan-variables.js';
import { uploadMasks } from './dropout.js';

/** Sites that sum products: with their outputs, a backward pass computes no product of the forward pass again. */
const summingSites = ({ sites }: Stage): string[] =>
  sites.filter((site) => fanIn(site) > 1).map(({ name }) => name);

/** Runs the stages of a model with the variables of a plan, and backwards to the gradients of these. */
export class StageRunner {
  readonly #runtime: Runtime;
  readonly #plan: VariablePlan;
  readonly #training: StageChain;
  readonly #evaluation: StageChain;
  /** For each stage, the sites and weights by which it is differentiated. */
  readonly #wanted: readonly Wanted[];
  /** Index of the lowest stage with something to train: no gradient goes below. */
  readonly #lowest: number;
  /** Sites of each stage whose outputs are kept for the backward pass. */
  readonly #kept: readonly (readonly string[])[];
  readonly #places = new Map<string, ReadonlyMap<string, DropoutPlace>>();

  constructor(runtime: Runtime, plan: VariablePlan, store: ParameterStore) {
    const { stages } = plan;
    this.#runtime = runtime;
    this.#plan = plan;
    const chain = (evaluation: boolean) =>
      new StageChain({ runtime, stages, weightsOf: (stage) => store.weightsOf(stage, evaluation) });
    this.#training = chain(false);
    this.#evaluation = chain(true);
    const uses = stages.map(({ name }) => plan.uses.get(name)!);
    const lowest = uses.findIndex((used) => Object.values(used).some(({ kind }) => kind !== 'frozen'));
    this.#lowest = lowest;
    this.#wanted = stages.map((stage, index) => wantedOf(stage, uses[index]!, index > lowest));
    // An eager runtime computes every operation, needed or not, so it gains nothing from kept values.
    const keeps = runtime.info.runtime.startsWith('ort-');
    this.#kept = stages.map((stage, index) => (keeps && index >= lowest ? summingSites(stage) : []));
  }

  /** Logits `[n, C]` of each batch, resident and the caller's, without a gradient. */
  async evaluate(batches: readonly ChainBatch[]): Promise<Resident[]> {
    return this.#evaluation.forwardAll(batches);
  }

  /**
   * Looks at what every linear site and the stage itself, as `output`, computes, stage by stage.
   *
   * @param take reads what it needs; all are released after
   */
  async watch(
    batch: ChainBatch,
    take: (stage: Stage, outputs: Named<Resident>) => Promise<void>,
  ): Promise<void> {
    const { stages } = this.#plan;
    const last = await this.#evaluation.forward(batch, {
      keep: (index) => linearSites(stages[index]!.sites).map(({ name }) => name),
      after: (stage, output, kept) => take(stage, { ...kept, output }),
    });
    this.#runtime.release([last]);
  }

  /**
   * Logits `[n, C]`, resident and the caller's. The batch then holds what {@link backward} needs.
   *
   * @param dropout seed of the batch's dropout; without one nothing is dropped
   */
  async forward(batch: ChainBatch, dropout?: readonly number[]): Promise<Resident> {
    return this.#training.forward(batch, {
      holdFrom: this.#lowest,
      keep: (index) => this.#kept[index]!,
      masks: dropout && ((index, shapes) => this.#masks(index, shapes, [...dropout, index])),
    });
  }

  /**
   * Gradients of the variables, from the cotangent of the logits. Releases what the batch holds, stage by stage, and
   * `dy`.
   *
   * @param take receives each gradient of a use, by the local name of the weight, which it then owns
   */
  async backward(
    batch: ChainBatch,
    dy: Resident,
    take: (stage: Stage, local: string, gradient: Resident) => Promise<void>,
  ): Promise<void> {
    batch.cotangents = [dy];
    for (let index = this.#plan.stages.length - 1; index >= this.#lowest; index--) {
      const wanted = this.#wanted[index]!;
      const gradients = await this.#training.backward(index, batch, trainBackward, { wanted });
      for (const [local, gradient] of Object.entries(gradients))
        await take(this.#plan.stages[index]!, local, gradient);
    }
  }

  async #masks(index: number, shapes: StageShapes, seed: readonly number[]): Promise<Named<Resident>> {
    const stage = this.#plan.stages[index]!;
    // One trace for all stages of the same function and shapes.
    const key = JSON.stringify([stage.identity, shapes]);
    const places = this.#places.get(key) ?? dropoutPlaces(stage, shapes);
    this.#places.set(key, places);
    return places.size === 0 ? {} : uploadMasks(this.#runtime, places, seed);
  }

  /** The variable behind a use, and where in it the use's gradient goes. */
  target(stage: Stage, local: string): { variable: Variable; places?: readonly number[] } {
    const use = this.#plan.uses.get(stage.name)![local]!;
    if (use.kind === 'frozen') throw new Error(`${stage.name} ${local} is frozen.`);
    return use.kind === 'rows' ? { variable: use.variable, places: use.places } : { variable: use.variable };
  }
}
