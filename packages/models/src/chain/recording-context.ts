import { tf } from '@ntk-lens/engine';
import type { SiteContext } from '../sites/site-context.js';
import { withKnownValue } from './known-output.js';

/** Place of a dropout. */
export interface DropoutPlace {
  readonly shape: readonly number[];
  /** Probability, above 0. */
  readonly rate: number;
}

/** The values that a {@link RecordingContext} puts in the place of a stage's own. */
export interface Substitutes {
  /** Values of sites, from an earlier pass: their products are not computed again. */
  readonly known?: Readonly<Record<string, tf.Tensor>>;
  /**
   * Zeros that are added to the output of sites: the gradient with respect to a tap is the cotangent of the output.
   * Traced, the addition leaves no operation behind.
   */
  readonly taps?: ReadonlyMap<string, tf.Tensor>;
  /** Factors 0 or 1/(1 − p) by place of dropout. */
  readonly masks?: Readonly<Record<string, tf.Tensor>>;
}

/** Remembers every site's input activation and output, and the places of dropout. */
export class RecordingContext implements SiteContext {
  readonly activations = new Map<string, tf.Tensor>();
  readonly values = new Map<string, tf.Tensor>();
  readonly places = new Map<string, DropoutPlace>();
  readonly #substitutes: Substitutes;

  constructor(substitutes: Substitutes = {}) {
    this.#substitutes = substitutes;
  }

  site(name: string, activation: tf.Tensor, output: tf.Tensor): tf.Tensor {
    const { known, taps } = this.#substitutes;
    const [value, tap] = [known?.[name], taps?.get(name)];
    const y = value ? withKnownValue(output, value) : output;
    const tapped = tap ? tf.add(y, tap) : y;
    this.activations.set(name, activation);
    this.values.set(name, tapped);
    return tapped;
  }

  dropout(name: string, x: tf.Tensor, rate: number): tf.Tensor {
    this.places.set(name, { shape: x.shape, rate });
    const mask = this.#substitutes.masks?.[name];
    return mask ? tf.mul(x, mask) : x;
  }
}
