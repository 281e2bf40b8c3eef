import { tf } from '@ntk-lens/engine';
import type { SiteContext } from '@ntk-lens/models';

/** Remembers every site's input activation. */
export class CollectingContext implements SiteContext {
  readonly activations = new Map<string, tf.Tensor>();
  readonly shapes = new Map<string, readonly number[]>();

  site(name: string, activation: tf.Tensor, output: tf.Tensor): tf.Tensor {
    this.activations.set(name, activation);
    this.shapes.set(name, output.shape);
    return output;
  }
}

/**
 * Adds a zero, the *tap*, to every site's output: the gradient with respect to a tap is the cotangent of the
 * output. Traced, the addition leaves no operation behind.
 */
export class TappedContext implements SiteContext {
  readonly #taps: ReadonlyMap<string, tf.Tensor>;

  constructor(taps: ReadonlyMap<string, tf.Tensor>) {
    this.#taps = taps;
  }

  site(name: string, _activation: tf.Tensor, output: tf.Tensor): tf.Tensor {
    const tap = this.#taps.get(name);
    return tap ? tf.add(output, tap) : output;
  }
}
