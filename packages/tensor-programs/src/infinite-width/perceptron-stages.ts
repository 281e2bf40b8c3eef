import { tf } from '@ntk-lens/engine';
import {
  type ParameterRef,
  type Site,
  type SiteContext,
  type Stage,
  siteWeights,
  type Tensors,
} from '@ntk-lens/models';
import type { AnalyticNonlinearity } from './dual-activation.js';
import { checkedShape, type PerceptronShape } from './perceptron-shape.js';

/** Name of the table of inputs: row i is example i. It is data, not a parameter of the network. */
export const INPUT_TABLE = 'inputs.table';

/** Sizes of one perceptron. */
export interface PerceptronSizes {
  /** n. */
  readonly width: number;
  /** d. */
  readonly features: number;
  /** Rows of the table of inputs. */
  readonly examples: number;
  readonly outputs: number;
}

const nonlinear: Readonly<Record<AnalyticNonlinearity, (x: tf.Tensor) => tf.Tensor>> = {
  erf: (x) => tf.erf(x),
  relu: (x) => tf.relu(x),
};

/** A stage whose weights follow from its sites. */
const stageOf = (options: Omit<Stage, 'weights'>): Stage => ({
  ...options,
  weights: Object.assign({}, ...options.sites.map(siteWeights)) as Record<string, ParameterRef>,
});

/** y = W x over the last axis of `[examples, 1, in]`. */
const product = (context: SiteContext, weights: Tensors, site: string, x: tf.Tensor): tf.Tensor => {
  const given = context.input?.(site, x) ?? x;
  const [n, length, width] = given.shape as [number, number, number];
  const y = tf.matMul(
    given.reshape([n * length, width]),
    weights[`${site}.weight`] as tf.Tensor2D,
    false,
    true,
  );
  return context.site(site, given, y.reshape([n, length, y.shape[1]!]));
};

/**
 * A multilayer perceptron in NTK parametrization as a chain of stages: the rows of a table of inputs, one stage for each
 * hidden layer, the output restricted to some of its rows. The bias is a linear site of one input, the constant σ_b.
 *
 * @param outputRows which outputs, in order
 */
export const perceptronStages = (
  shape: PerceptronShape,
  { width, features, examples, outputs }: PerceptronSizes,
  outputRows: readonly number[],
): readonly Stage[] => {
  const { nonlinearity, hiddenLayers, weightScale, biasScale } = checkedShape(shape);
  const affine = (
    name: string,
    layer: number,
    inSize: number,
    outSize: number,
    rows?: readonly number[],
  ): Stage => {
    const part = rows && { part: { rows } };
    const weight = { name: `layers.${layer}.weight`, shape: [outSize, inSize], ...part };
    const bias = { name: `layers.${layer}.bias`, shape: [outSize, 1], ...part };
    const sites: Site[] = [
      { kind: 'linear', name: 'weights', weight },
      ...(biasScale > 0 ? [{ kind: 'linear', name: 'biases', weight: bias } as const] : []),
    ];
    return stageOf({
      name,
      // Programs are shared by kind: all that the function depends on besides shapes.
      kind: `perceptron ${layer > 0 ? nonlinearity : 'input'}${rows ? ' output' : ''} ${weightScale} ${biasScale}`,
      sites,
      apply: (context, weights, _side, x) => {
        const active = layer > 0 ? nonlinear[nonlinearity](x!) : x!;
        const h = product(context, weights, 'weights', active.mul(weightScale / Math.sqrt(inSize)));
        const shifted =
          biasScale > 0
            ? h.add(product(context, weights, 'biases', tf.fill([...active.shape.slice(0, 2), 1], biasScale)))
            : h;
        return rows ? shifted.reshape([x!.shape[0]!, rows.length]) : shifted;
      },
    });
  };
  return [
    stageOf({
      name: 'inputs',
      kind: 'perceptron table',
      sites: [
        {
          kind: 'embedding',
          name: 'rows',
          ids: 'ids',
          table: { name: INPUT_TABLE, shape: [examples, features] },
        },
      ],
      apply: (context, weights, side) => {
        const rows = tf.gather(weights['rows.table']!, side.ids.flatten().toInt());
        return context.site('rows', side.ids, rows.reshape([...side.ids.shape, features]));
      },
    }),
    ...Array.from({ length: hiddenLayers }, (_, l) =>
      affine(`layer.${l}`, l, l === 0 ? features : width, width),
    ),
    affine('output', hiddenLayers, width, outputs, outputRows),
  ];
};
