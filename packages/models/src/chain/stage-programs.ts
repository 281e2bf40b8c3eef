import { defineProgram, type PortProgram, type TensorSpec, tf } from '@ntk-lens/engine';
import type { Stage } from '../stages/stage.js';
import { differentiate, type StageGradients, type Wanted } from './differentiate.js';
import { RecordingContext } from './recording-context.js';
import { floatSpecs, type Named, type StageShapes, type StageTensors, stageSpecs } from './stage-tensors.js';

/** Outputs f as combinations `[C, L]` of the L logits: the identity, or (−1, 1) for one output of two logits. */
export type LogitWeights = readonly (readonly number[])[];

export interface ForwardSettings {
  readonly stage: Stage;
  readonly shapes: StageShapes;
  /** Sites whose values are returned, for a backward pass. */
  readonly keep: readonly string[];
  /** Combines the logits that the stage computes; absent where it is not the last. */
  readonly logitWeights: LogitWeights | undefined;
}

const isIdentity = (m: LogitWeights): boolean =>
  m.every((row, i) => row.length === m.length && row.every((x, j) => x === (i === j ? 1 : 0)));

const combine = (logits: tf.Tensor, logitWeights: LogitWeights): tf.Tensor =>
  isIdentity(logitWeights)
    ? logits
    : tf.matMul(logits as tf.Tensor2D, tf.tensor2d(logitWeights as number[][]), false, true);

/**
 * Forward pass of one stage: hidden state in, hidden state `y` out, or from the last stage the outputs f `[n, C]`; and
 * the values of sites that are kept.
 * @internal
 */
export const forwardStage = defineProgram(({ stage }: ForwardSettings) => `forward ${stage.name}`, {
  inputs: ({ shapes }) => stageSpecs(shapes),
  build: ({ weights, side, x, masks }, { stage, keep, logitWeights }) => {
    const context = new RecordingContext({ masks });
    const y = stage.apply(context, weights, side, x);
    const kept = keep.flatMap((site) => {
      const output = context.values.get(site);
      return output ? [[site, output] as const] : [];
    });
    return { y: logitWeights ? combine(y, logitWeights) : y, kept: Object.fromEntries(kept) };
  },
});

export interface BackwardSettings {
  readonly stage: Stage;
  readonly shapes: StageShapes;
  /** Shapes of the values of sites that the forward pass kept. */
  readonly kept: Named<readonly number[]>;
  readonly wanted: Wanted;
  /** Shapes of the cotangents that the stage above left, one for each output f. */
  readonly above: readonly (readonly number[])[];
  /** At the last stage, where there are no cotangents from above: the outputs f themselves are differentiated. */
  readonly logitWeights: LogitWeights | undefined;
}

/** Inputs of a backward pass. */
export interface BackwardPorts<Leaf> extends StageTensors<Leaf> {
  readonly kept: Named<Leaf>;
  readonly dys: readonly Leaf[];
}

/** A backward pass: cotangents `dxs` of the stage's input, and what it takes of the gradients. */
export type BackwardProgram<S, O> = (
  settings: BackwardSettings & S,
) => PortProgram<BackwardPorts<TensorSpec>, { readonly dxs: readonly tf.Tensor[]; readonly taken: O }>;

/**
 * Defines a backward pass of one stage by what it takes of the gradients. See {@link defineProgram}.
 *
 * @param take may depend on its arguments alone
 */
export const defineBackward = <S, O extends object>(
  name: string,
  take: (gradients: StageGradients, settings: BackwardSettings & S, ports: BackwardPorts<tf.Tensor>) => O,
): BackwardProgram<S, O> =>
  defineProgram(({ stage }: BackwardSettings & S) => `${name} ${stage.name}`, {
    inputs: ({ shapes, kept, above }): BackwardPorts<TensorSpec> => ({
      ...stageSpecs(shapes),
      kept: floatSpecs(kept),
      dys: above.map((shape) => ({ dtype: 'float32', shape })),
    }),
    build: (ports: BackwardPorts<tf.Tensor>, settings) => {
      const { stage, shapes, wanted, logitWeights } = settings;
      const [n] = shapes.side.ids;
      const dys = logitWeights
        ? logitWeights.map((weights) => tf.tile(tf.tensor2d([[...weights]]), [n ?? 1, 1]))
        : ports.dys;
      const gradients = differentiate(stage, ports, ports.kept, wanted, dys);
      return { dxs: gradients.dxs, taken: take(gradients, settings, ports) };
    },
  });
