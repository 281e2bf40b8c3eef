import { type Program, type TensorSpec, tf } from '@ntk-lens/engine';
import type { ParameterRef, Site } from '@ntk-lens/models';
import type { ActiveParameters } from '../factors/active-parameters.js';
import { activationOutputs, vectorSize } from '../factors/stage-programs.js';

/** A parameter of a stage and what an output of {@link gradientProgram} is called for it. */
export interface GradientOutput {
  readonly name: string;
  readonly parameter: ParameterRef;
}

const tensor = (shape: readonly number[]): TensorSpec => ({ dtype: 'float32', shape });

/**
 * Forms the gradient of one output of one example from the factors of a stage: of every parameter, in the shape
 * in which the stage uses it. Kernels avoid this; it is for checks.
 *
 * @param factors shapes of the stage's factors (see `factorProgram`), for C = 1 and n = 1
 * @param weights shapes of the stage's weights by local name
 * @param length tokens, padding included
 */
export const gradientProgram = (
  active: ActiveParameters,
  factors: Readonly<Record<string, readonly number[]>>,
  weights: Readonly<Record<string, readonly number[]>>,
  length: number,
): { readonly program: Program; readonly outputs: readonly GradientOutput[] } => {
  const outputs: GradientOutput[] = [];
  const builders: ((inputs: Readonly<Record<string, tf.Tensor>>) => tf.Tensor)[] = [];
  const add = (
    site: Site,
    part: string,
    parameter: ParameterRef,
    build: (inputs: Readonly<Record<string, tf.Tensor>>, shape: number[]) => tf.Tensor,
  ) => {
    const local = `${site.name}.${part}`;
    outputs.push({ name: `g:${local}`, parameter });
    builders.push((inputs) => build(inputs, [...weights[local]!]));
  };
  /** Rows of a table from cotangents of its uses: Σ_{t : id_t = i} b_t. */
  const scatter = (ids: tf.Tensor, cotangents: tf.Tensor, shape: readonly number[]): tf.Tensor => {
    const oneHot = tf.oneHot(ids.flatten().toInt(), shape[0]!).toFloat() as tf.Tensor2D;
    return tf.matMul(oneHot, cotangents.reshape([length, shape[1]!]) as tf.Tensor2D, true);
  };

  const activations = activationOutputs(Object.keys(factors));
  for (const site of active.linear) {
    add(site, 'weight', site.weight, (inputs) => {
      const [a, b] = [inputs[activations.get(site.name)!]!, inputs[`b0:${site.name}`]!];
      const gradient = tf.matMul(b.squeeze([0]) as tf.Tensor2D, a.squeeze([0]) as tf.Tensor2D, true);
      return site.inFirst ? gradient.transpose() : gradient;
    });
  }
  for (const site of active.tables) {
    add(site, 'table', site.table, (inputs, shape) =>
      scatter(inputs['ids']!, inputs[`e:${site.name}`]!, shape),
    );
  }
  let start = 0;
  for (const vector of active.vectors) {
    const from = start;
    const size = vectorSize(vector, length);
    start += size;
    const { site, part, parameter } = vector;
    add(site, part, parameter, (inputs, shape) => {
      const piece = tf.slice(inputs['v']!, [0, 0, from], [1, 1, size]);
      return site.kind === 'embedding' && site.ids === 'positions'
        ? scatter(inputs['positions']!, piece, shape)
        : piece.reshape(shape);
    });
  }
  const specs = Object.entries(factors).map(([name, shape]) => [name, tensor(shape)] as const);
  const sides = ['ids', 'positions'].map((name) => [name, { dtype: 'int32', shape: [1, length] }] as const);
  return {
    outputs,
    program: {
      name: `gradient of ${outputs.map(({ name }) => name)} ${JSON.stringify(weights)}`,
      inputs: { ...Object.fromEntries(specs), ...Object.fromEntries(sides) },
      build: (inputs) =>
        Object.fromEntries(builders.map((build, i) => [outputs[i]!.name, build(inputs)] as const)),
    },
  };
};
