import { tf } from '@ntk-lens/engine';
import { type SiteContext, withKnownValue } from '@ntk-lens/models';

/** Where units are dropped. */
export interface DropoutPlace {
  readonly shape: readonly number[];
  /** Probability, above 0. */
  readonly rate: number;
}

export interface TrainingHooks {
  /** Added to the output of embedding sites: the gradient with respect to a tap is the cotangent there. */
  readonly taps?: ReadonlyMap<string, tf.Tensor>;
  /** Outputs of linear sites, known from the forward pass. */
  readonly known?: ReadonlyMap<string, tf.Tensor>;
  /** Dropout: factors 0 or 1/(1 − p) by place. */
  readonly masks?: ReadonlyMap<string, tf.Tensor>;
}

/** Remembers the outputs of sites and the places of dropout, and puts taps, known outputs and dropout in their place. */
export class TrainingContext implements SiteContext {
  readonly outputs = new Map<string, tf.Tensor>();
  readonly places = new Map<string, DropoutPlace>();
  readonly #hooks: TrainingHooks;

  constructor(hooks: TrainingHooks = {}) {
    this.#hooks = hooks;
  }

  site(name: string, _activation: tf.Tensor, output: tf.Tensor): tf.Tensor {
    const { taps, known } = this.#hooks;
    const value = known?.get(name);
    let y = value ? withKnownValue(output, value) : output;
    const tap = taps?.get(name);
    if (tap) y = tf.add(y, tap);
    this.outputs.set(name, y);
    return y;
  }

  dropout(name: string, x: tf.Tensor, rate: number): tf.Tensor {
    this.places.set(name, { shape: x.shape, rate });
    const mask = this.#hooks.masks?.get(name);
    return mask ? tf.mul(x, mask) : x;
  }
}
