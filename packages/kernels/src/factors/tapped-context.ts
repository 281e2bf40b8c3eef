import { tf } from '@ntk-lens/engine';
import { type SiteContext, withKnownValue } from '@ntk-lens/models';

/** Remembers every site's input activation and its output. */
export class CollectingContext implements SiteContext {
  readonly activations = new Map<string, tf.Tensor>();
  readonly outputs = new Map<string, tf.Tensor>();
  readonly #known: ReadonlyMap<string, tf.Tensor>;

  /** @param known outputs of sites, from an earlier pass */
  constructor(known: ReadonlyMap<string, tf.Tensor> = new Map()) {
    this.#known = known;
  }

  site(name: string, activation: tf.Tensor, output: tf.Tensor): tf.Tensor {
    const y = this.#known.get(name) ?? output;
    this.activations.set(name, activation);
    this.outputs.set(name, y);
    return y;
  }
}

/**
 * Adds a zero, the *tap*, to every site's output: the gradient with respect to a tap is the cotangent of the
 * output. Traced, the addition leaves no operation behind.
 */
export class TappedContext implements SiteContext {
  readonly #taps: ReadonlyMap<string, tf.Tensor>;
  readonly #known: ReadonlyMap<string, tf.Tensor>;

  /** @param known outputs of sites, from an earlier pass: their products are not computed again */
  constructor(taps: ReadonlyMap<string, tf.Tensor>, known: ReadonlyMap<string, tf.Tensor> = new Map()) {
    this.#taps = taps;
    this.#known = known;
  }

  site(name: string, _activation: tf.Tensor, output: tf.Tensor): tf.Tensor {
    const [tap, known] = [this.#taps.get(name), this.#known.get(name)];
    const y = known ? withKnownValue(output, known) : output;
    return tap ? tf.add(y, tap) : y;
  }
}
