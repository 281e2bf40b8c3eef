import { throwIfCancelled } from '@ntk-lens/core';
import type { Resident, Runtime } from '@ntk-lens/engine';
import type { Named } from '../chain/stage-tensors.js';
import type { LanguageModel } from '../language-model.js';
import { usedSize } from '../sites/parameter-ref.js';
import { readTensors } from './read-tensors.js';
import type { StageWeights } from './stage-weights.js';
import { useKey, type WeightedStage, weightUses } from './weight-uses.js';

/**
 * Weights that are read stage by stage, as the work comes to them: those of one stage are in the runtime, and those of the
 * next one are read while it computes. A weight that both use is read once. Memory that a stage leaves is what the stage
 * after the next is read into. Work goes up and down the stages, as it likes; the next stage is the one in the direction
 * in which it went last. Work that says when it turns to a stage has only the weights of one stage in memory: those of the
 * next are read into the memory of the one before.
 */
export class StreamedWeights implements StageWeights {
  readonly #runtime: Runtime;
  readonly #model: Pick<LanguageModel, 'read' | 'storedName'>;
  readonly #stages: readonly WeightedStage[];
  readonly #indices: ReadonlyMap<string, number>;
  readonly #signal: AbortSignal | undefined;
  readonly #tensors = new Map<string, Resident>();
  /** Stages whose weights are there, or on the way. */
  readonly #loads = new Map<number, Promise<void>>();
  /** Memory of stages that are gone, by its bytes. */
  readonly #free = new Map<number, ArrayBuffer[]>();
  #at = -1;
  #moved: Promise<void> = Promise.resolve();
  #released = false;

  constructor(
    runtime: Runtime,
    model: Pick<LanguageModel, 'read' | 'storedName'>,
    stages: readonly WeightedStage[],
    signal?: AbortSignal,
  ) {
    this.#runtime = runtime;
    this.#model = model;
    this.#stages = stages;
    this.#indices = new Map(stages.map(({ name }, index) => [name, index]));
    this.#signal = signal;
  }

  /**
   * Nothing may run on the weights of another stage than this one and its neighbour any more.
   *
   * @throws what reading throws: NonFiniteWeightError, TruncatedWeightFileError, WeightReadError; CancelledError
   */
  async of({ name }: WeightedStage): Promise<Named<Resident>> {
    const index = this.#indexOf(name);
    if (this.#released) throw new Error(`Weights of stage ${name} were released.`);
    if (index !== this.#at) this.#goTo(index, this.#aheadOf(this.#at, index));
    const moved = this.#moved;
    await moved;
    await this.#loads.get(index);
    return Object.fromEntries(
      Object.entries(this.#stages[index]!.weights).map(([local, ref]) => [
        local,
        this.#tensors.get(this.#keyOf(ref))!,
      ]),
    );
  }

  turnTo({ name }: WeightedStage): void {
    const index = this.#indexOf(name);
    if (!this.#released) this.#goTo(index, index);
  }

  /** Waits for what is being read, and frees everything. */
  async release(): Promise<void> {
    this.#released = true;
    await Promise.allSettled([this.#moved, ...this.#loads.values()]);
    this.#runtime.release(this.#tensors.values());
    this.#tensors.clear();
    this.#loads.clear();
    this.#free.clear();
  }

  #keyOf(ref: WeightedStage['weights'][string]): string {
    return useKey(this.#model.storedName(ref.name), ref);
  }

  #indexOf(name: string): number {
    const index = this.#indices.get(name);
    if (index === undefined) throw new Error(`There is no stage ${name} whose weights stream.`);
    return index;
  }

  /** The stage that comes after `to`. At the last stage there is nothing ahead: the one behind it is what comes next. */
  #aheadOf(from: number, to: number): number {
    const ahead = to < from && to > 0 ? to - 1 : to + 1;
    return this.#stages[ahead] ? ahead : from;
  }

  #goTo(index: number, other: number): void {
    this.#at = index;
    const move = () => this.#move(index, other);
    this.#moved = this.#moved.then(move, move);
    this.#moved.catch(() => {});
  }

  /** Drops all other stages, waits for the first of these two, and begins to read the other. */
  async #move(to: number, other: number): Promise<void> {
    await this.#keepOnly(new Set([to, other]));
    // Where nothing is read, memory of what is gone would wait for nothing.
    if (this.#loads.has(to) && this.#loads.has(other)) this.#free.clear();
    await this.#load(to);
    if (this.#stages[other] && !this.#released) this.#load(other).catch(() => {});
  }

  async #keepOnly(kept: ReadonlySet<number>): Promise<void> {
    const gone = [...this.#loads].filter(([index]) => !kept.has(index));
    await Promise.allSettled(gone.map(([, load]) => load));
    for (const [index] of gone) this.#loads.delete(index);
    const refs = [...kept].flatMap((index) => Object.values(this.#stages[index]?.weights ?? {}));
    const wanted = new Set(refs.map((ref) => this.#keyOf(ref)));
    const sizes = new Set(refs.map((ref) => 4 * usedSize(ref)));
    const unused = [...this.#tensors].filter(([key]) => !wanted.has(key));
    for (const [key] of unused) this.#tensors.delete(key);
    for (const buffer of await Promise.all(unused.map(([, tensor]) => this.#runtime.reclaim(tensor))))
      if (buffer && sizes.has(buffer.byteLength))
        this.#free.set(buffer.byteLength, [...(this.#free.get(buffer.byteLength) ?? []), buffer]);
  }

  #load(index: number): Promise<void> {
    const known = this.#loads.get(index);
    if (known) return known;
    const load = this.#read(index);
    this.#loads.set(index, load);
    return load;
  }

  async #read(index: number): Promise<void> {
    const missing = weightUses(this.#model, [this.#stages[index]!]);
    const wanted = new Map(
      [...missing].flatMap(([stored, uses]) => {
        const own = new Map([...uses].filter(([key]) => !this.#tensors.has(key)));
        return own.size > 0 ? [[stored, own] as const] : [];
      }),
    );
    await readTensors(this.#model, wanted, {
      check: () => {
        if (this.#released) throw new Error('The weights were released.');
        throwIfCancelled(this.#signal, 'Reading the weights');
      },
      allocate: (bytes) => this.#free.get(bytes)?.pop() ?? new ArrayBuffer(bytes),
      take: async (key, array) => void this.#tensors.set(key, await this.#runtime.upload(array)),
    });
    this.#free.clear();
  }
}
