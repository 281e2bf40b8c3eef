import type { Resident, Runtime } from '@ntk-lens/engine';
import { addTensors, scatterRows, sumSquares } from '../programs/update-programs.js';
import type { Variable } from '../variables/plan-variables.js';

/** Gradients of variables, summed over uses and batches. */
export class Gradients {
  readonly #runtime: Runtime;
  readonly #sums = new Map<string, Resident>();

  constructor(runtime: Runtime) {
    this.#runtime = runtime;
  }

  /** Adds the gradient of one use, which is taken over. */
  async add(variable: Variable, gradient: Resident, places?: readonly number[]): Promise<void> {
    let whole = gradient;
    if (places) {
      const scatter = scatterRows({ shape: variable.shape, places });
      whole = (await scatter.run(this.#runtime, { rows: gradient })).table;
      this.#runtime.release([gradient]);
    }
    const sum = this.#sums.get(variable.key);
    if (!sum) {
      this.#sums.set(variable.key, whole);
      return;
    }
    const added = await addTensors({ shape: variable.shape }).run(this.#runtime, { a: sum, b: whole });
    this.#runtime.release([sum, whole]);
    this.#sums.set(variable.key, added.sum);
  }

  get(variable: Variable): Resident | undefined {
    return this.#sums.get(variable.key);
  }

  /** Σ g² over all variables, summed in float64 from short float32 sums. */
  async squaredNorm(groups: Iterable<readonly Variable[]>): Promise<number> {
    let total = 0;
    for (const group of groups) {
      const present = group.map((variable) => this.get(variable)).filter((g) => g !== undefined);
      if (present.length === 0) continue;
      const shapes = present.map(({ shape }) => shape);
      const { squares } = await sumSquares({ shapes }).compute(this.#runtime, { tensors: present });
      for (const value of squares.data) total += value;
    }
    return total;
  }

  /** Forgets a gradient. */
  drop(variable: Variable): void {
    const gradient = this.#sums.get(variable.key);
    if (gradient) this.#runtime.release([gradient]);
    this.#sums.delete(variable.key);
  }

  release(): void {
    this.#runtime.release(this.#sums.values());
    this.#sums.clear();
  }
}
