import type { Resident, Runtime } from '@ntk-lens/engine';
import {
  type LanguageModel,
  type ResidentSide,
  type Site,
  type Stage,
  stageFunction,
} from '@ntk-lens/models';
import {
  backwardProgram,
  dropoutPlaces,
  forwardProgram,
  type StageShape,
  type TrainedWeights,
} from '../programs/stage-programs.js';
import type { DropoutPlace } from '../programs/training-context.js';
import type { ParameterStore } from '../variables/parameter-store.js';
import type { Variable, VariablePlan } from '../variables/plan-variables.js';
import { uploadMasks } from './dropout.js';

/** A batch on its way through the stages. */
export interface RunningBatch {
  readonly n: number;
  readonly length: number;
  readonly side: ResidentSide;
  /** Seed of its dropout; without one nothing is dropped. */
  readonly dropout?: readonly number[];
}

/** What the forward pass of a stage leaves for its backward pass. */
export interface Kept {
  readonly input: Resident | undefined;
  readonly outputs: Readonly<Record<string, Resident>>;
  /** Dropout masks by place. */
  readonly masks: Readonly<Record<string, Resident>>;
}

type Named = Readonly<Record<string, Resident>>;

const shapesOf = (tensors: Readonly<Record<string, Resident>>): Record<string, readonly number[]> =>
  Object.fromEntries(Object.entries(tensors).map(([name, { shape }]) => [name, shape]));

const prefixed = (prefix: string, tensors: Readonly<Record<string, Resident>>): Record<string, Resident> =>
  Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [`${prefix}:${name}`, tensor]));

/** Runs the stages of a model forwards and backwards. */
export class StageRunner {
  readonly #runtime: Runtime;
  readonly #model: Pick<LanguageModel, 'config'>;
  readonly #plan: VariablePlan;
  readonly #store: ParameterStore;
  readonly #trained: ReadonlyMap<string, TrainedWeights>;
  /** Index of the lowest stage with something to train: no gradient goes below. */
  readonly #lowest: number;
  readonly #keeps: boolean;
  readonly #places = new Map<string, ReadonlyMap<string, DropoutPlace>>();

  constructor(
    runtime: Runtime,
    model: Pick<LanguageModel, 'config'>,
    plan: VariablePlan,
    store: ParameterStore,
  ) {
    this.#runtime = runtime;
    this.#model = model;
    this.#plan = plan;
    this.#store = store;
    this.#trained = new Map(plan.stages.map((stage) => [stage.name, trainedWeights(stage, plan)]));
    this.#lowest = plan.stages.findIndex((stage) => !isEmpty(this.#trained.get(stage.name)!));
    // An eager runtime computes every operation, needed or not, so it gains nothing from kept outputs.
    this.#keeps = runtime.info.runtime.startsWith('ort-');
  }

  get #stages(): readonly Stage[] {
    return this.#plan.stages;
  }

  #shape(
    stage: Stage,
    batch: RunningBatch,
    weights: Named,
    masks: Named,
    x: Resident | undefined,
  ): StageShape {
    return {
      stageFunction: stageFunction(this.#model.config, stage),
      n: batch.n,
      length: batch.length,
      weights: shapesOf(weights),
      masks: shapesOf(masks),
      ...(x && { input: x.shape }),
    };
  }

  #inputs(
    batch: RunningBatch,
    weights: Named,
    masks: Named,
    x: Resident | undefined,
  ): Record<string, Resident> {
    return { ...prefixed('w', weights), ...prefixed('m', masks), ...batch.side, ...(x && { x }) };
  }

  /** Logits `[n, C]`, resident, without a gradient. */
  async evaluate(batch: RunningBatch): Promise<Resident> {
    let x: Resident | undefined;
    for (const stage of this.#stages) {
      const weights = await this.#store.weightsOf(stage, true);
      const program = forwardProgram(stage, this.#shape(stage, batch, weights, {}, x), false);
      const { y } = await this.#runtime.run(program, this.#inputs(batch, weights, {}, x));
      if (x) this.#runtime.release([x]);
      x = y!;
    }
    return x!;
  }

  /**
   * What every linear site and the stage itself, as `output`, computes, stage by stage.
   *
   * @param take reads what it needs; all are released after
   */
  async watch(batch: RunningBatch, take: (stage: Stage, outputs: Named) => Promise<void>): Promise<void> {
    let x: Resident | undefined;
    for (const stage of this.#stages) {
      const weights = await this.#store.weightsOf(stage, true);
      const program = forwardProgram(stage, this.#shape(stage, batch, weights, {}, x), true);
      const { y, ...sites } = await this.#runtime.run(program, this.#inputs(batch, weights, {}, x));
      const outputs = Object.fromEntries(Object.entries(sites).map(([name, r]) => [name.slice(2), r]));
      try {
        await take(stage, { ...outputs, output: y! });
      } finally {
        this.#runtime.release([...Object.values(sites), ...(x ? [x] : [])]);
        x = y!;
      }
    }
    if (x) this.#runtime.release([x]);
  }

  /** Logits `[n, C]`, and what {@link backward} needs; both are the caller's to release. */
  async forward(batch: RunningBatch): Promise<{ logits: Resident; kept: Kept[] }> {
    const kept: Kept[] = [];
    let x: Resident | undefined;
    for (const [index, stage] of this.#stages.entries()) {
      const weights = await this.#store.weightsOf(stage);
      const keep = this.#keeps && index >= this.#lowest;
      const masks = await this.#masks(index, batch, weights, x);
      const program = forwardProgram(stage, this.#shape(stage, batch, weights, masks, x), keep);
      const { y, ...outputs } = await this.#runtime.run(program, this.#inputs(batch, weights, masks, x));
      if (index >= this.#lowest) kept[index] = { input: x, outputs, masks };
      else this.#runtime.release([...Object.values(masks), ...(x ? [x] : [])]);
      x = y!;
    }
    return { logits: x!, kept };
  }

  /**
   * Gradients of the variables, from the cotangent of the logits. Releases what was kept, stage by stage, and `dy`.
   *
   * @param take receives each gradient of a use, which it then owns
   */
  async backward(
    batch: RunningBatch,
    kept: readonly Kept[],
    dy: Resident,
    take: (stage: Stage, local: string, gradient: Resident) => Promise<void>,
  ): Promise<void> {
    let cotangent = dy;
    for (let index = this.#stages.length - 1; index >= this.#lowest; index--) {
      const stage = this.#stages[index]!;
      const weights = await this.#store.weightsOf(stage);
      const { input, outputs, masks } = kept[index]!;
      const wantsInput = index > this.#lowest;
      const known = Object.fromEntries(Object.entries(outputs).map(([name, r]) => [name.slice(2), r]));
      const program = backwardProgram(
        stage,
        this.#shape(stage, batch, weights, masks, input),
        this.#trained.get(stage.name)!,
        cotangent.shape,
        shapesOf(known),
        wantsInput,
      );
      const results = await this.#runtime.run(program, {
        ...this.#inputs(batch, weights, masks, input),
        ...outputs,
        dy: cotangent,
      });
      this.#runtime.release([cotangent]);
      this.release([kept[index]!]);
      const { dx, ...gradients } = results;
      if (dx) cotangent = dx;
      for (const [name, gradient] of Object.entries(gradients)) await take(stage, name.slice(2), gradient);
    }
  }

  async #masks(index: number, batch: RunningBatch, weights: Named, x: Resident | undefined): Promise<Named> {
    if (!batch.dropout) return {};
    const stage = this.#stages[index]!;
    const shape = this.#shape(stage, batch, weights, {}, x);
    // One trace for all stages of the same function and shapes.
    const key = JSON.stringify(shape);
    const places = this.#places.get(key) ?? dropoutPlaces(stage, shape);
    this.#places.set(key, places);
    return places.size === 0 ? {} : uploadMasks(this.#runtime, places, [...batch.dropout, index]);
  }

  /** Releases what the forward pass kept, where it is not wanted. */
  release(kept: readonly (Kept | undefined)[]): void {
    for (const one of kept) {
      if (!one) continue;
      const { input, outputs, masks } = one;
      const all = [...Object.values(outputs), ...Object.values(masks), ...(input ? [input] : [])];
      this.#runtime.release(all);
    }
  }

  /** The variable behind a use, and where in it the use's gradient goes. */
  target(stage: Stage, local: string): { variable: Variable; places?: readonly number[] } {
    const use = this.#plan.uses.get(stage.name)![local]!;
    if (use.kind === 'frozen') throw new Error(`${stage.name} ${local} is frozen.`);
    return use.kind === 'rows' ? { variable: use.variable, places: use.places } : { variable: use.variable };
  }
}

const isEmpty = ({ dense, tables }: TrainedWeights): boolean => dense.length + tables.length === 0;

const trainedWeights = (stage: Stage, plan: VariablePlan): TrainedWeights => {
  const uses = plan.uses.get(stage.name)!;
  const looksUp = (site: Site): site is TrainedWeights['tables'][number] =>
    site.kind === 'embedding' && (site.ids === 'ids' || site.ids === 'positions' || site.ids === 'types');
  const tables = stage.sites.filter(looksUp).filter(({ name }) => uses[`${name}.table`]!.kind !== 'frozen');
  const names = new Set(stage.sites.filter(looksUp).map(({ name }) => `${name}.table`));
  const dense = Object.keys(uses).filter((local) => uses[local]!.kind !== 'frozen' && !names.has(local));
  return { dense, tables };
};
