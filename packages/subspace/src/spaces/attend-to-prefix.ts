import { tf } from '@ntk-lens/engine';
import type { StageAccess, StageChanges } from '@ntk-lens/models';

/**
 * Has a layer attend to more keys and values, in front of its own.
 *
 * @param make makes keys and values, `[n, tokens, d]` each, for the n examples that a tensor has a row for each of
 */
export const attendToPrefix = (
  own: StageAccess,
  tokens: number,
  make: (examples: tf.Tensor) => { readonly key: tf.Tensor; readonly value: tf.Tensor },
): StageChanges => ({
  context: {
    attention: (inputs) => {
      const { query, key, value, bias } = own.context.attention?.(inputs) ?? inputs;
      const prefix = make(key);
      const [n, heads, rows] = bias.shape as [number, number, number];
      return {
        query,
        key: tf.concat([prefix.key, key], 1),
        value: tf.concat([prefix.value, value], 1),
        // The prefix may always be attended to.
        bias: tf.concat([tf.zeros([n, heads, rows, tokens]), bias], 3),
      };
    },
  },
});
