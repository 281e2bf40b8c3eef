import type { NDArray } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import type { Optimizer } from '../optimizers/optimizer.js';
import { OptimizerState } from './optimizer-state.js';
import type { Trainer } from './trainer.js';
import { readTensors, type TensorsByName, type TrainingStore } from './training-record.js';

/** The state of a training on the device, as named tensors of files and back. */
export class TrainingTensors {
  readonly #runtime: Runtime;
  readonly #trainer: Trainer;
  readonly #optimizer: Optimizer;

  constructor(runtime: Runtime, trainer: Trainer, optimizer: Optimizer) {
    this.#runtime = runtime;
    this.#trainer = trainer;
    this.#optimizer = optimizer;
  }

  /** Values of all variables now. */
  async values(): Promise<TensorsByName> {
    const { plan, store } = this.#trainer;
    const values = new Map<string, NDArray<'float32'>>();
    for (const variable of plan.variables) values.set(variable.key, await store.download(variable));
    return values;
  }

  /** The optimizer's state now. */
  async optimizerState(): Promise<TensorsByName> {
    const { plan, state } = this.#trainer;
    const tensors = new Map<string, NDArray<'float32'>>();
    for (const variable of plan.variables) {
      for (const name of this.#optimizer.state)
        tensors.set(OptimizerState.nameOf(variable, name), await state.download(variable, name));
    }
    return tensors;
  }

  /** Goes on from values and optimizer state in a file of a store. @throws DamagedCheckpointError */
  async load(from: TrainingStore, file: string): Promise<void> {
    const { store, state, plan } = this.#trainer;
    const names = plan.variables.flatMap((variable) => [
      { name: variable.key, variable },
      ...this.#optimizer.state.map((s) => ({ name: OptimizerState.nameOf(variable, s), variable, state: s })),
    ]);
    const stateOf = new Map(names.map((entry) => [entry.name, 'state' in entry ? entry.state : undefined]));
    await readTensors(from, file, names, async (name, variable, array) => {
      const which = stateOf.get(name);
      if (which === undefined) store.set(variable, await this.#runtime.upload(array));
      else await state.load(variable, which, array);
    });
  }

  /** Values of all variables in a file of a store. @throws DamagedCheckpointError */
  async read(from: TrainingStore, file: string): Promise<TensorsByName> {
    const values = new Map<string, NDArray<'float32'>>();
    const wanted = this.#trainer.plan.variables.map((variable) => ({ name: variable.key, variable }));
    await readTensors(from, file, wanted, async (name, _, array) => void values.set(name, array));
    return values;
  }
}
