import { targetsOf } from '@ntk-lens/kernels';
import { BatchOrder } from './batch-order.js';
import type { CompleteOptions } from './fine-tune-options.js';
import type { TargetedBatch } from './trainer.js';

/** The training examples in the order in which a seed has them seen, with their targets. */
export class TrainingBatches {
  readonly #examples: CompleteOptions['train']['examples'];
  readonly #perStep: number;
  readonly #outputs: number;
  readonly #order: BatchOrder;
  readonly #targets: Float64Array;

  constructor({ train, batchSize, seed, labelWordIds, range, accumulationSteps }: CompleteOptions) {
    this.#examples = train.examples;
    this.#perStep = accumulationSteps;
    this.#outputs = labelWordIds.length;
    this.#order = new BatchOrder(train.examples.length, batchSize, seed);
    this.#targets = targetsOf(train.labels, labelWordIds.length, range);
  }

  /** The batches whose gradients make a step, which counts from 1. */
  ofStep(step: number): TargetedBatch[] {
    return Array.from({ length: this.#perStep }, (_, k) => this.#batch((step - 1) * this.#perStep + k));
  }

  #batch(index: number): TargetedBatch {
    const chosen = this.#order.batch(index);
    const count = this.#outputs;
    const targets = new Float64Array(chosen.length * count);
    for (const [row, i] of chosen.entries())
      targets.set(this.#targets.subarray(i * count, (i + 1) * count), row * count);
    return { examples: chosen.map((i) => this.#examples[i]!), targets };
  }
}
