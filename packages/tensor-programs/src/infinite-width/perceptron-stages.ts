import { tf } from '@ntk-lens/engine';
import { defineStage, embeddingSite, type Stage } from '@ntk-lens/models';
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

const inputRows = defineStage((_: null, at, side) => at.use('rows', side.ids));

/** Settings of h = σ_w W φ(x) / √fan-in + σ_b b. */
interface LayerSettings {
  /** φ; absent where the layer takes the inputs as they are. */
  readonly nonlinearity?: AnalyticNonlinearity;
  readonly weightScale: number;
  readonly biasScale: number;
  /** The last layer, whose outputs are logits `[examples, outputs]`. */
  readonly last: boolean;
}

const layer = defineStage<LayerSettings>(({ nonlinearity, weightScale, biasScale, last }, at, _side, x) => {
  const active = nonlinearity ? nonlinear[nonlinearity](x!) : x!;
  const [n, length, inSize] = active.shape as [number, number, number];
  const h = at.use('weights', active.mul(weightScale / Math.sqrt(inSize)));
  const shifted = biasScale > 0 ? h.add(at.use('biases', tf.fill([n, length, 1], biasScale))) : h;
  return last ? shifted.reshape([n, shifted.shape[2]!]) : shifted;
});

/**
 * A multilayer perceptron in NTK parametrization as a chain of stages: the rows of a table of inputs, one
 * stage for each hidden layer, the output restricted to some of its rows. The bias is a linear site of one
 * input, the constant σ_b.
 *
 * @param outputRows numbers of the outputs, in order
 */
export const perceptronStages = (
  shape: PerceptronShape,
  { width, features, examples, outputs }: PerceptronSizes,
  outputRows: readonly number[],
): readonly Stage[] => {
  const { nonlinearity, hiddenLayers, weightScale, biasScale } = checkedShape(shape);
  const layerOf = (
    name: string,
    index: number,
    inSize: number,
    outSize: number,
    rows?: readonly number[],
  ): Stage => {
    const part = rows && { part: { rows } };
    const weight = { name: `layers.${index}.weight`, shape: [outSize, inSize], ...part };
    const bias = { name: `layers.${index}.bias`, shape: [outSize, 1], ...part };
    return layer({
      name,
      settings: {
        nonlinearity: index > 0 ? nonlinearity : undefined,
        weightScale,
        biasScale,
        last: rows !== undefined,
      },
      sites: [
        { kind: 'linear', name: 'weights', weight },
        ...(biasScale > 0 ? [{ kind: 'linear', name: 'biases', weight: bias } as const] : []),
      ],
    });
  };
  return [
    inputRows({
      name: 'inputs',
      settings: null,
      sites: [embeddingSite('rows', 'ids', { name: INPUT_TABLE, shape: [examples, features] })],
    }),
    ...Array.from({ length: hiddenLayers }, (_, l) =>
      layerOf(`layer.${l}`, l, l === 0 ? features : width, width),
    ),
    layerOf('output', hiddenLayers, width, outputs, outputRows),
  ];
};
