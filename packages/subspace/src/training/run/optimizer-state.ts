import { type NDArray, ndarray, sizeOf, zeros } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { Optimizer } from '../optimizers/optimizer.js';
import { updatedVariables, updateVariables } from '../programs/update-programs.js';
import type { ParameterStore } from '../variables/parameter-store.js';
import type { Variable } from '../variables/plan-variables.js';
import type { Gradients } from './gradients.js';

/** Variables of more elements are updated one by one, so that the runtime can do it in pieces. */
const LARGE = 2 ** 16;

/** State tensors of an optimizer, resident, and the steps that change them. */
export class OptimizerState {
  readonly #runtime: Runtime;
  readonly #optimizer: Optimizer;
  readonly #tensors = new Map<string, Resident>();

  constructor(runtime: Runtime, optimizer: Optimizer) {
    this.#runtime = runtime;
    this.#optimizer = optimizer;
  }

  /** Name of a state tensor of a variable. */
  static nameOf({ key }: Variable, state: string): string {
    return `${key} ${state}`;
  }

  async #tensor(variable: Variable, state: string): Promise<Resident> {
    const name = OptimizerState.nameOf(variable, state);
    const known = this.#tensors.get(name);
    if (known) return known;
    const fresh = await this.#runtime.upload(zeros('float32', variable.shape));
    this.#tensors.set(name, fresh);
    return fresh;
  }

  /**
   * Updates a group of variables and drops their gradients.
   *
   * @param step from 1
   * @param scale factor on the gradients: clipping
   */
  async update(
    store: ParameterStore,
    gradients: Gradients,
    group: readonly Variable[],
    step: number,
    learningRate: number,
    scale: number,
  ): Promise<void> {
    const present = group.filter((variable) => gradients.get(variable));
    const large = present.filter(({ shape }) => sizeOf(shape) > LARGE);
    const small = present.filter((variable) => !large.includes(variable));
    const numbers = [scale, ...this.#optimizer.scalars(step, learningRate)];
    const scalars = await this.#runtime.upload(
      ndarray<'float32'>(Float32Array.from(numbers), [numbers.length]),
    );
    for (const together of [small, ...large.map((variable) => [variable])])
      if (together.length > 0) await this.#update(store, gradients, together, scalars, scale !== 1);
    this.#runtime.release([scalars]);
  }

  async #update(
    store: ParameterStore,
    gradients: Gradients,
    present: readonly Variable[],
    scalars: Resident,
    scaled: boolean,
  ): Promise<void> {
    const optimizer = this.#optimizer;
    const variables: { value: Resident; gradient: Resident; state: Record<string, Resident> }[] = [];
    for (const variable of present) {
      const state: Record<string, Resident> = {};
      for (const name of optimizer.state) state[name] = await this.#tensor(variable, name);
      variables.push({ value: store.value(variable), gradient: gradients.get(variable)!, state });
    }
    const program = updateVariables({
      optimizer,
      variables: updatedVariables(present),
      scalars: scalars.shape[0]!,
      scaled,
    });
    const updated = await program.run(this.#runtime, { scalars, variables });
    for (const [i, variable] of present.entries()) {
      const { value, state } = updated.variables[i]!;
      gradients.drop(variable);
      store.set(variable, value);
      for (const name of optimizer.state) this.#set(variable, name, state[name]!);
    }
  }

  #set(variable: Variable, state: string, tensor: Resident): void {
    const name = OptimizerState.nameOf(variable, state);
    const old = this.#tensors.get(name);
    if (old) this.#runtime.release([old]);
    this.#tensors.set(name, tensor);
  }

  /** Copies a state tensor out; zeros before the first step. */
  async download(variable: Variable, state: string): Promise<NDArray<'float32'>> {
    return (await this.#runtime.download(await this.#tensor(variable, state))) as NDArray<'float32'>;
  }

  /** Puts a stored state tensor in place. */
  async load(variable: Variable, state: string, array: NDArray<'float32'>): Promise<void> {
    this.#set(variable, state, await this.#runtime.upload(array));
  }

  release(): void {
    this.#runtime.release(this.#tensors.values());
    this.#tensors.clear();
  }
}
