import type { PretrainingScheme } from './scheme.js';

/** The score of a model on a task that it was never trained on as a task. */
export interface ZeroShotRecord {
  readonly accuracy: number;
  /** Mean over examples of 1 − p(right label) = ½ Σ_c |χ_c|. */
  readonly chi: number;
}

/** The content of a model's `pretraining.json`. */
export interface PretrainedRung {
  readonly format: 'ntk-lens-pretraining';
  readonly version: 1 | 2;
  readonly scheme: PretrainingScheme;
  readonly width: number;
  readonly seed: number;
  /** The runtime that computed it: the same runtime and threads give the same bytes. */
  readonly runtime: string;
  /** SHA-256 of configuration and weights, as `model.hash()` gives it. */
  readonly hash: string;
  /** SHA-256 of the file of the weights; absent in version 1. */
  readonly weights?: string;
  readonly parameters: number;
  /** Mean loss of the texts of the first and of the last twentieth of the steps, nats. */
  readonly loss: { readonly first: number; readonly last: number };
  /** On 128 prompts of each task of the language, without training. */
  readonly zeroShot: Readonly<Record<'sentiment' | 'topic', ZeroShotRecord>>;
}
