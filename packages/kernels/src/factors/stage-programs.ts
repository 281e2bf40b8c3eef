import { type Program, type TensorSpec, tf } from '@ntk-lens/engine';
import type { SideInputs, Stage } from '@ntk-lens/models';
import type { ActiveParameters, VectorParameter } from './active-parameters.js';
import { type StageInputs, siteCotangents } from './site-cotangents.js';
import { cotangentOutputs, cotangentSpecs, outputCotangents } from './stage-cotangents.js';
import { CollectingContext } from './tapped-context.js';

/** Sizes that a stage's programs depend on. */
export interface StageDims {
  /** Identifies the function that the stage computes. */
  readonly stageFunction: string;
  /** Examples of the batch. */
  readonly n: number;
  /** Tokens per example, padded. */
  readonly length: number;
  /** Shape of the stage's input hidden state; absent for the first stage. */
  readonly input?: readonly number[];
  /** Outputs f whose gradients are taken: `[C, L]` combinations of the L label-word logits. */
  readonly readouts: readonly (readonly number[])[];
}

const sideSpecs = ({ n, length }: StageDims): Record<keyof SideInputs, TensorSpec> => ({
  ids: { dtype: 'int32', shape: [n, length] },
  positions: { dtype: 'int32', shape: [n, length] },
  types: { dtype: 'int32', shape: [n, length] },
  attention: { dtype: 'float32', shape: [n, length] },
  readout: { dtype: 'float32', shape: [n, 1, length] },
});

/** Shape in which a weight is resident: only the rows or the range that the stage uses. */
export const weightSpecs = (stage: Stage): Record<string, TensorSpec> =>
  Object.fromEntries(
    Object.entries(stage.weights).map(([local, { shape, part }]) => {
      const used = [...shape];
      if (part && 'rows' in part) used[0] = part.rows.length;
      else if (part) used[part.axis] = part.size;
      return [`w:${local}`, { dtype: 'float32', shape: used }];
    }),
  );

export const inputSpecs = (stage: Stage, dims: StageDims): Record<string, TensorSpec> => ({
  ...weightSpecs(stage),
  ...sideSpecs(dims),
  ...(dims.input && { x: { dtype: 'float32', shape: dims.input } }),
});

/** A stage's weights, side inputs and hidden state among the inputs of a program. */
export const stageInputs = (stage: Stage, inputs: Readonly<Record<string, tf.Tensor>>): StageInputs => ({
  weights: Object.fromEntries(Object.keys(stage.weights).map((local) => [local, inputs[`w:${local}`]!])),
  side: inputs as unknown as SideInputs,
  ...(inputs['x'] && { x: inputs['x'] }),
});

/**
 * Hidden state in, hidden state (or, from the head, the C outputs f(ξ; θ₀)) out: output `y`; and the outputs
 * `r:<site>` of the sites in `keep`, for {@link factorProgram}.
 */
export const forwardProgram = (
  stage: Stage,
  dims: StageDims,
  isHead: boolean,
  keep: readonly string[] = [],
): Program => ({
  name: `forward ${dims.stageFunction}${isHead ? JSON.stringify(dims.readouts) : ''} keep=${keep}`,
  inputs: inputSpecs(stage, dims),
  build: (inputs) => {
    const { weights, side, x } = stageInputs(stage, inputs);
    const context = new CollectingContext();
    const y = stage.apply(context, weights, side, x);
    const kept = keep.map((site) => [`r:${site}`, context.outputs.get(site)!] as const);
    return { y: isHead ? combine(y, dims.readouts) : y, ...Object.fromEntries(kept) };
  },
});

const combine = (logits: tf.Tensor, readouts: readonly (readonly number[])[]): tf.Tensor =>
  isIdentity(readouts)
    ? logits
    : tf.matMul(logits as tf.Tensor2D, tf.tensor2d(readouts as number[][]), false, true);

const isIdentity = (m: readonly (readonly number[])[]): boolean =>
  m.every((row, i) => row.length === m.length && row.every((x, j) => x === (i === j ? 1 : 0)));

/**
 * Gradient factors of one stage for a batch, C outputs at once (DESIGN §4). Outputs:
 * - `dx<f>` `[n, T, d]`: cotangent of the stage's input for output f (not for the first stage);
 * - per linear site, `b<f>:<site>` `[n, T', out]`, and its input `[n, T', in]`, once for all sites that read the same:
 *   {@link activationOutputs} finds it;
 * - `v` `[C, n, P]`: gradients of all vector parameters, side by side;
 * - per word-embedding site, `e:<site>` `[C, n, T, d]`.
 *
 * @param padTo tokens to which position gradients are padded, so that batches of different length agree
 * @param kept shapes of the site outputs that the forward pass kept, by site: inputs `r:<site>`
 */
export const factorProgram = (
  stage: Stage,
  dims: StageDims,
  active: ActiveParameters,
  isHead: boolean,
  output: readonly number[],
  padTo: number,
  kept: Readonly<Record<string, readonly number[]>> = {},
): Program => {
  const names = [
    ...active.linear.map((site) => site.name),
    ...active.vectors.map(({ site, part }) => `${site.name}.${part}`),
    ...active.tables.map((site) => site.name),
  ];
  const tapped = stage.sites.filter(
    (site) =>
      active.linear.some((s) => s.name === site.name) ||
      active.tables.some((s) => s.name === site.name) ||
      active.vectors.some((v) => v.site.name === site.name),
  );
  return {
    name: `factors ${dims.stageFunction} [${names}] pad ${padTo} ${isHead ? JSON.stringify(dims.readouts) : ''}`,
    inputs: {
      ...inputSpecs(stage, dims),
      ...cotangentSpecs(dims, isHead, output),
      ...Object.fromEntries(
        Object.entries(kept).map(([site, shape]) => [`r:${site}`, { dtype: 'float32', shape }] as const),
      ),
    },
    build: (inputs) => {
      const { activations, cotangents, dxs } = siteCotangents(
        stage,
        stageInputs(stage, inputs),
        tapped,
        outputCotangents(inputs, dims, isHead),
        new Map(Object.keys(kept).map((site) => [site, inputs[`r:${site}`]!])),
      );
      const results = cotangentOutputs(dxs);
      const readers = new Map<tf.Tensor, string[]>();
      for (const { name } of active.linear) {
        const activation = activations.get(name)!;
        readers.set(activation, [...(readers.get(activation) ?? []), name]);
        for (const [f, b] of cotangents.get(name)!.entries()) results[`b${f}:${name}`] = b;
      }
      for (const [activation, sites] of readers) results[`a:${sites}`] = activation;
      for (const site of active.tables) results[`e:${site.name}`] = tf.stack([...cotangents.get(site.name)!]);
      if (active.vectors.length > 0) {
        const gradients = dims.readouts.map((_, f) => {
          const parts = active.vectors.map((v) =>
            vectorGradient(v, cotangents.get(v.site.name)![f]!, activations.get(v.site.name)!, padTo),
          );
          return parts.length === 1 ? parts[0]! : tf.concat(parts, 1);
        });
        results['v'] = tf.stack(gradients);
      }
      return results;
    },
  };
};

/** Which output of {@link factorProgram} is the input of each linear site; of sites that read the same it is one. */
export const activationOutputs = (outputs: Iterable<string>): Map<string, string> =>
  new Map(
    [...outputs]
      .filter((output) => output.startsWith('a:'))
      .flatMap((output) =>
        output
          .slice('a:'.length)
          .split(',')
          .map((site) => [site, output] as const),
      ),
  );

/** Gradient of a vector parameter, `[n, size]`, from the cotangent `[n, T', d]` of its site's output. */
const vectorGradient = (
  v: VectorParameter,
  b: tf.Tensor,
  activation: tf.Tensor,
  padTo: number,
): tf.Tensor => {
  const [n, length, width] = b.shape as [number, number, number];
  switch (v.part) {
    case 'bias':
    case 'shift':
      return b.sum(1);
    case 'scale':
      return b.mul(activation).sum(1);
    case 'table': {
      if (v.site.kind === 'embedding' && v.site.ids === 'positions') {
        // All examples start at the same position, so token t of each is the same row of the table.
        const padded = tf.pad(b, [
          [0, 0],
          [0, padTo - length],
          [0, 0],
        ]);
        return padded.reshape([n, padTo * width]);
      }
      const rows = v.parameter.shape[0]!;
      if (v.site.kind === 'embedding' && v.site.ids === 'rows') return b.reshape([n, rows * width]);
      if (rows === 1) return b.sum(1);
      const oneHot = tf.oneHot(activation.toInt(), rows).toFloat().reshape([n, length, rows]);
      return tf.matMul(oneHot, b, true).reshape([n, rows * width]);
    }
  }
};

/** Entries of a vector parameter in `v`. */
export const vectorSize = (v: VectorParameter, padTo: number): number => {
  const [rows, width] = v.parameter.shape as [number, number];
  if (v.part !== 'table')
    return v.parameter.part && 'rows' in v.parameter.part
      ? v.parameter.part.rows.length
      : partSize(v.parameter);
  return (v.site.kind === 'embedding' && v.site.ids === 'positions' ? padTo : rows) * width;
};

const partSize = ({ shape, part }: VectorParameter['parameter']): number =>
  part && 'size' in part ? part.size : shape[0]!;
