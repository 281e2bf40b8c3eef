import type { Stage } from '../stages/stage.js';

/** A network in its parts, from which chains of stages are put together. */
export interface Network {
  readonly embeddings: Stage;
  /**
   * Number of layers; `layer(i, { last: true })` computes only the row that is read out (queries,
   * feed-forward and norms see one token per example), `layer(i, { last: false })` all rows.
   */
  readonly layers: number;
  layer(index: number, options: { readonly last: boolean }): Stage;
  /** The end of an encoder with states for every token, if it is not a layer: GPT-2's final norm. */
  readonly final?: Stage;
  head(labelWordIds: readonly number[]): Stage;
}
