import { tf } from '@ntk-lens/engine';
import type { SiteContext } from '@ntk-lens/models';

export interface TrainingHooks {
  /** Added to the output of embedding sites: the gradient with respect to a tap is the cotangent there. */
  readonly taps?: ReadonlyMap<string, tf.Tensor>;
  /** Outputs of linear sites, known from the forward pass. */
  readonly known?: ReadonlyMap<string, tf.Tensor>;
  /** Dropout: factors 0 or 1/(1 − p) on the outputs of sites. */
  readonly masks?: ReadonlyMap<string, tf.Tensor>;
}

/** `output` to the autodiff, `known` in value: the product behind `output` need not be computed again. */
const replace = (output: tf.Tensor, known: tf.Tensor): tf.Tensor =>
  tf.customGrad(() => ({ value: known.clone(), gradFunc: (dy: tf.Tensor) => dy }))(output);

/** Remembers the outputs of sites, before dropout, and puts taps, known outputs and dropout in their place. */
export class TrainingContext implements SiteContext {
  readonly outputs = new Map<string, tf.Tensor>();
  readonly #hooks: TrainingHooks;

  constructor(hooks: TrainingHooks = {}) {
    this.#hooks = hooks;
  }

  site(name: string, _activation: tf.Tensor, output: tf.Tensor): tf.Tensor {
    const { taps, known, masks } = this.#hooks;
    const value = known?.get(name);
    let y = value ? replace(output, value) : output;
    const tap = taps?.get(name);
    if (tap) y = tf.add(y, tap);
    this.outputs.set(name, y);
    const mask = masks?.get(name);
    return mask ? tf.mul(y, mask) : y;
  }
}
