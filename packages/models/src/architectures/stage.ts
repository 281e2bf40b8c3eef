import type { tf } from '@ntk-lens/engine';

/** Named tensors. */
export type Tensors = Readonly<Record<string, tf.Tensor>>;

/**
 * What every stage may read besides the hidden state, for a batch of n examples padded to T tokens:
 * `ids`, `positions`, `types` int32 `[n, T]`; `attention` float32 `[n, T]`, 1 for tokens and 0 for padding;
 * `readout` float32 `[n, 1, T]`, one-hot at the token whose logits are read.
 */
export interface SideInputs {
  readonly ids: tf.Tensor;
  readonly positions: tf.Tensor;
  readonly types: tf.Tensor;
  readonly attention: tf.Tensor;
  readonly readout: tf.Tensor;
}

/** A parameter as a checkpoint names it. */
export interface ParameterRef {
  /** Hugging Face name with the base prefix, e.g. `roberta.encoder.layer.0.output.dense.weight`. */
  readonly name: string;
  /** Shape in the checkpoint. */
  readonly shape: readonly number[];
  /**
   * The part that this use takes: rows of the first axis, in this order (the label words of a decoder), or
   * a range of an axis (one third of GPT-2's fused projection). Everything by default.
   */
  readonly part?:
    | { readonly rows: readonly number[] }
    | { readonly axis: number; readonly start: number; readonly size: number };
}

/**
 * One use of parameters by the network. Per example a site leaves its input activations `a` and its output
 * cotangents `b`, from which the gradients of its parameters follow (DESIGN §4):
 * - `linear`: y = W a (+ bias): ∂W = Σ_t b_t a_tᵀ, ∂bias = Σ_t b_t;
 * - `norm`: y = scale ∘ a (+ shift): ∂scale = Σ_t b_t ∘ a_t, ∂shift = Σ_t b_t;
 * - `embedding`: y = row of a table: ∂row_i = Σ_{t : id_t = i} b_t.
 */
export type Site =
  | {
      readonly kind: 'linear';
      readonly name: string;
      readonly weight: ParameterRef;
      readonly bias?: ParameterRef;
      /** Weights are stored `[in, out]` (GPT-2) instead of `[out, in]`. */
      readonly inFirst?: boolean;
      /** The bias has a gradient of exactly zero: softmax ignores the shift of an attention key. */
      readonly zeroBias?: boolean;
    }
  | {
      readonly kind: 'norm';
      readonly name: string;
      readonly scale: ParameterRef;
      readonly shift?: ParameterRef;
    }
  | {
      readonly kind: 'embedding';
      readonly name: string;
      readonly table: ParameterRef;
      /** Which side input holds the row numbers; `rows`: every example uses all rows, in order. */
      readonly ids: 'ids' | 'positions' | 'types' | 'rows';
    };

/** What a block attends with. */
export interface AttentionInputs {
  /** `[n, Tq, d]`. */
  readonly query: tf.Tensor;
  /** `[n, T, d]`. */
  readonly key: tf.Tensor;
  /** `[n, T, d]`. */
  readonly value: tf.Tensor;
  /** Added to the scores: `[n, 1, 1 or Tq, T]`. */
  readonly bias: tf.Tensor;
}

/** Watches, and may change, what happens at the sites of a stage while it is applied. */
export interface SiteContext {
  /**
   * Called once per site with its input activation and its output; returns the output to go on with.
   * For `embedding` sites the activation is the tensor of row numbers.
   */
  site(name: string, activation: tf.Tensor, output: tf.Tensor): tf.Tensor;
  /** Called with the input of a linear site before it is used; returns the input to go on with. */
  input?(name: string, x: tf.Tensor): tf.Tensor;
  /** Called once per block before attention; returns what to attend with, e.g. with more keys and values. */
  attention?(inputs: AttentionInputs): AttentionInputs;
  /**
   * Called where units are dropped in training, with a name that is unique in the stage and the probability, which is
   * above 0; absent outside of training.
   */
  dropout?(name: string, x: tf.Tensor, rate: number): tf.Tensor;
}

/** Changes nothing: the plain forward pass. */
export const plainContext: SiteContext = { site: (_name, _activation, output) => output };

/**
 * A part of the network, from one hidden state to the next: the embeddings, one block, or the head. A model
 * is a chain of stages, so factors can be streamed one stage at a time (DESIGN §4).
 */
export interface Stage {
  /** Unique in the model, e.g. `layer.3`. */
  readonly name: string;
  /** Stages of one model with the same `kind` compute the same function of their weights. */
  readonly kind: string;
  readonly sites: readonly Site[];
  /** Weights by local name: `<site>.weight`, `<site>.bias`, `<site>.scale`, `<site>.shift`, `<site>.table`. */
  readonly weights: Readonly<Record<string, ParameterRef>>;
  /**
   * @param x hidden state `[n, T, d]`; absent for the first stage
   * @returns the next hidden state: `[n, T, d]`, `[n, 1, d]` from the last block on, and logits `[n, C]`
   *   from the head
   */
  apply(context: SiteContext, weights: Tensors, side: SideInputs, x: tf.Tensor | undefined): tf.Tensor;
}

/** Local weight names of a site's parameters, as {@link Stage.weights} and `apply` use them. */
export const siteWeights = (site: Site): Readonly<Record<string, ParameterRef>> => {
  switch (site.kind) {
    case 'linear':
      return { [`${site.name}.weight`]: site.weight, ...(site.bias && { [`${site.name}.bias`]: site.bias }) };
    case 'norm':
      return {
        [`${site.name}.scale`]: site.scale,
        ...(site.shift && { [`${site.name}.shift`]: site.shift }),
      };
    case 'embedding':
      return { [`${site.name}.table`]: site.table };
  }
};

/** Builds a stage; its `weights` follow from its sites. */
export const stage = (options: Omit<Stage, 'weights'>): Stage => ({
  ...options,
  weights: Object.assign({}, ...options.sites.map(siteWeights)) as Record<string, ParameterRef>,
});
