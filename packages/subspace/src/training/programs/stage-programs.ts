import { type Program, type TensorSpec, tf, trace } from '@ntk-lens/engine';
import { type SideInputs, type Site, type Stage, sideTypes } from '@ntk-lens/models';
import { sumRows } from './sum-rows.js';
import { type DropoutPlace, TrainingContext, type TrainingHooks } from './training-context.js';

/** What a stage's programs depend on besides the stage. */
export interface StageShape {
  /** Identifies the function that the stage computes. */
  readonly stageFunction: string;
  /** Examples of the batch, and tokens per example, padded. */
  readonly n: number;
  readonly length: number;
  /** Shapes of the resident weights by local name. */
  readonly weights: Readonly<Record<string, readonly number[]>>;
  /** Shape of the incoming hidden state; absent for the first stage. */
  readonly input?: readonly number[];
  /** Shapes of dropout masks by place. */
  readonly masks: Readonly<Record<string, readonly number[]>>;
}

/** Which of a stage's weights are trained. */
export interface TrainedWeights {
  /** Local names of weights with a gradient of their own shape. */
  readonly dense: readonly string[];
  /** Embedding sites with a trained table. */
  readonly tables: readonly Extract<Site, { kind: 'embedding' }>[];
}

const float = (shape: readonly number[]): TensorSpec => ({ dtype: 'float32', shape });

const prefixed = (
  prefix: string,
  shapes: Readonly<Record<string, readonly number[]>>,
): Record<string, TensorSpec> =>
  Object.fromEntries(Object.entries(shapes).map(([name, shape]) => [`${prefix}:${name}`, float(shape)]));

const inputSpecs = ({ n, length, weights, input, masks }: StageShape): Record<string, TensorSpec> => ({
  ...prefixed('w', weights),
  ...prefixed('m', masks),
  ...Object.fromEntries(
    Object.entries(sideTypes).map(([name, dtype]) => [
      name,
      { dtype, shape: name === 'readout' ? [n, 1, length] : [n, length] },
    ]),
  ),
  ...(input && { x: float(input) }),
});

type Inputs = Readonly<Record<string, tf.Tensor>>;

const named = (inputs: Inputs, prefix: string): Map<string, tf.Tensor> =>
  new Map(
    Object.entries(inputs)
      .filter(([name]) => name.startsWith(`${prefix}:`))
      .map(([name, tensor]) => [name.slice(prefix.length + 1), tensor]),
  );

const apply = (stage: Stage, inputs: Inputs, hooks: TrainingHooks, changed: Inputs = {}) => {
  const context = new TrainingContext({ masks: named(inputs, 'm'), ...hooks });
  const weights = { ...Object.fromEntries(named(inputs, 'w')), ...changed };
  const { x, ...rest } = { ...inputs, ...changed };
  return { y: stage.apply(context, weights, rest as unknown as SideInputs, x), context };
};

/** Where the stage drops units, by the name of the place. Nothing is computed. */
export const dropoutPlaces = (stage: Stage, shape: StageShape): ReadonlyMap<string, DropoutPlace> => {
  let places: ReadonlyMap<string, DropoutPlace> = new Map();
  trace({
    name: 'dropout',
    inputs: inputSpecs({ ...shape, masks: {} }),
    build: (inputs) => {
      const { y, context } = apply(stage, inputs, {});
      places = context.places;
      return { y };
    },
  });
  return places;
};

/** Sites whose outputs the backward pass is given, so that no product of the forward pass is computed twice. */
const keptSites = (stage: Stage): string[] =>
  stage.sites.filter(({ kind }) => kind === 'linear').map(({ name }) => name);

/**
 * Forward pass of one stage: output `y`, and with `keep` the outputs `r:<site>` of linear sites for
 * {@link backwardProgram}.
 */
export const forwardProgram = (stage: Stage, shape: StageShape, keep: boolean): Program => ({
  name: `train forward ${shape.stageFunction} keep=${keep}`,
  inputs: inputSpecs(shape),
  build: (inputs) => {
    const { y, context } = apply(stage, inputs, {});
    const kept = keep
      ? keptSites(stage).flatMap((site) => {
          const output = context.outputs.get(site);
          return output ? [[`r:${site}`, output] as const] : [];
        })
      : [];
    return { y, ...Object.fromEntries(kept) };
  },
});

/**
 * Backward pass of one stage. Inputs, besides those of the forward pass: `dy`, the cotangent of its output, and the
 * `r:<site>` that the forward pass kept. Outputs: `g:<local>` for each trained weight, in its own shape, and `dx`, the
 * cotangent of the stage's input, where asked for.
 */
export const backwardProgram = (
  stage: Stage,
  shape: StageShape,
  trained: TrainedWeights,
  output: readonly number[],
  kept: Readonly<Record<string, readonly number[]>>,
  wantsInput: boolean,
): Program => ({
  name: `train backward ${shape.stageFunction} [${trained.dense}] [${trained.tables.map(({ name }) => name)}] dx=${wantsInput}`,
  inputs: { ...inputSpecs(shape), ...prefixed('r', kept), dy: float(output) },
  build: (inputs) => {
    const known = named(inputs, 'r');
    const idsOf = ({ ids }: Extract<Site, { kind: 'embedding' }>) =>
      inputs[ids]!.flatten().toInt() as tf.Tensor1D;
    const rowsOf = ({ name }: Site) => inputs[`w:${name}.table`]!.shape;
    const zeros = trained.tables.map((site) => tf.zeros([shape.n, shape.length, rowsOf(site)[1]!]));
    const variables = [
      ...trained.dense.map((local) => inputs[`w:${local}`]!),
      ...(wantsInput ? [inputs['x']!] : []),
      ...zeros,
    ];
    const gradients = tf.grads((...args: tf.Tensor[]) => {
      const rest = [...args];
      const changed: Record<string, tf.Tensor> = {};
      for (const local of trained.dense) changed[local] = rest.shift()!;
      if (wantsInput) changed['x'] = rest.shift()!;
      const taps = new Map(trained.tables.map((site, i) => [site.name, rest[i]!]));
      return apply(stage, inputs, { known, taps }, changed).y;
    })(variables, inputs['dy']!);
    const results: Record<string, tf.Tensor> = {};
    for (const local of trained.dense) results[`g:${local}`] = gradients.shift()!;
    if (wantsInput) results['dx'] = gradients.shift()!;
    for (const [i, site] of trained.tables.entries()) {
      const [rows, width] = rowsOf(site) as [number, number];
      const cotangents = gradients[i]!.reshape([shape.n * shape.length, width]) as tf.Tensor2D;
      results[`g:${site.name}.table`] = sumRows(idsOf(site), cotangents, rows);
    }
    return results;
  },
});
