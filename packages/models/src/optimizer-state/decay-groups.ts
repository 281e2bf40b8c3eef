/** A way to split a model's parameters into the groups of an optimizer, in the order of the model within each. */
export interface GroupRule {
  /** For a manifest. */
  readonly name: string;
  readonly groups: (order: readonly string[]) => readonly (readonly string[])[];
}

const split = (order: readonly string[], still: (name: string) => boolean) => [
  order.filter((name) => !still(name)),
  order.filter(still),
];

const containing =
  (...parts: readonly string[]) =>
  (order: readonly string[]) =>
    split(order, (name) => parts.some((part) => name.includes(part)));

/**
 * The rules that are tried. Trainer of transformers lets all parameters decay except biases and those of
 * LayerNorm modules. The patterns on names that its version 5 adds (`layernorm`, `_norm`) choose the same
 * ones in every supported architecture, RMSNorms included; some versions 4 let RMSNorms decay. Its example
 * scripts, and programs made from them, go by parts of names instead.
 *
 * @param inLayerNorm parameters of LayerNorm and RMSNorm modules
 */
export const groupRules = (inLayerNorm: ReadonlySet<string>): readonly GroupRule[] => [
  {
    name: 'groups of transformers.Trainer',
    groups: (order) => split(order, (name) => name.includes('bias') || inLayerNorm.has(name)),
  },
  { name: 'one group', groups: (order) => [order] },
  { name: 'no decay of bias', groups: containing('bias') },
  { name: 'no decay of bias, LayerNorm.weight', groups: containing('bias', 'LayerNorm.weight') },
  { name: 'no decay of bias, layer_norm.weight', groups: containing('bias', 'layer_norm.weight') },
];
