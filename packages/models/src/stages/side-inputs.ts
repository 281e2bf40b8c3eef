import type { tf } from '@ntk-lens/engine';

/**
 * The side inputs that every stage may read in addition to the hidden state, for a batch of n examples padded
 * to T tokens. `ids`, `positions`, `types` are int32 `[n, T]`; `attention` is float32 `[n, T]`, 1 for tokens
 * and 0 for padding; `readout` is float32 `[n, R, T]`, one-hot in every row at a token whose logits are read. `branches` is
 * float32 `[n, T]`, and there only if label words of several tokens follow the prompts: 0 for the prompt and its padding,
 * k for the tokens of the k-th word.
 */
export interface Side<Leaf> {
  readonly ids: Leaf;
  readonly positions: Leaf;
  readonly types: Leaf;
  readonly attention: Leaf;
  readonly readout: Leaf;
  readonly branches?: Leaf;
}

/** The side inputs as a stage's function takes them. */
export type SideInputs = Side<tf.Tensor>;

/** Element types of the side inputs. */
export const sideTypes: Required<Side<'int32' | 'float32'>> = {
  ids: 'int32',
  positions: 'int32',
  types: 'int32',
  attention: 'float32',
  readout: 'float32',
  branches: 'float32',
};

/** Shapes of the side inputs of n examples padded to T tokens, of which `reads` are read out. */
export const sideShapes = (n: number, length: number, reads = 1): Side<readonly number[]> => ({
  ids: [n, length],
  positions: [n, length],
  types: [n, length],
  attention: [n, length],
  readout: [n, reads, length],
  branches: reads > 1 ? [n, length] : undefined,
});
