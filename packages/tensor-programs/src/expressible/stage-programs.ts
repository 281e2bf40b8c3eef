import { type Program, type TensorSpec, tf } from '@ntk-lens/engine';
import { plainContext, type SideInputs, type SiteContext, type Stage, type Tensors } from '@ntk-lens/models';

/** Examples and tokens of the traced programs: different from each other, small, and the same at every width. */
const [EXAMPLES, TOKENS] = [2, 3];

const sideSpecs = (tokens: number): Record<keyof SideInputs, TensorSpec> => ({
  ids: { dtype: 'int32', shape: [EXAMPLES, tokens] },
  positions: { dtype: 'int32', shape: [EXAMPLES, tokens] },
  types: { dtype: 'int32', shape: [EXAMPLES, tokens] },
  attention: { dtype: 'float32', shape: [EXAMPLES, tokens] },
  readout: { dtype: 'float32', shape: [EXAMPLES, 1, tokens] },
});

const inputSpecs = (
  stage: Stage,
  x: readonly number[] | undefined,
  tokens: number,
): Record<string, TensorSpec> => ({
  ...Object.fromEntries(
    Object.entries(stage.weights).map(([local, { shape, part }]): [string, TensorSpec] => {
      const used = [...shape];
      if (part && 'rows' in part) used[0] = part.rows.length;
      else if (part) used[part.axis] = part.size;
      return [`w:${local}`, { dtype: 'float32', shape: used }];
    }),
  ),
  ...sideSpecs(tokens),
  ...(x && { x: { dtype: 'float32', shape: x } }),
});

const weightsOf = (stage: Stage, inputs: Tensors): Tensors =>
  Object.fromEntries(Object.keys(stage.weights).map((local) => [local, inputs[`w:${local}`]!]));

/** Tokens per example that a model with this limit is traced with. */
export const tracedTokens = (maxTokens: number): number => Math.min(TOKENS, maxTokens);

/**
 * One stage's forward pass: output `y`, and `site:<name>` for what each site puts out.
 *
 * @param x shape of the hidden state that enters; absent for the first stage
 */
export const forwardProgram = (stage: Stage, x: readonly number[] | undefined, tokens: number): Program => ({
  name: `expressible ${stage.name}`,
  inputs: inputSpecs(stage, x, tokens),
  build: (inputs) => {
    const sites: Record<string, tf.Tensor> = {};
    const context: SiteContext = {
      site: (name, _activation, output) => {
        sites[`site:${name}`] = output;
        return output;
      },
    };
    const side = inputs as Tensors & SideInputs;
    const y = stage.apply(context, weightsOf(stage, inputs), side, inputs['x']);
    return { ...sites, y };
  },
});

/** The gradients of one stage: of its weights and of `x`, given the cotangent `dy` of its output. */
export const gradientProgram = (
  stage: Stage,
  x: readonly number[] | undefined,
  y: readonly number[],
  tokens: number,
): Program => ({
  name: `expressible gradient ${stage.name}`,
  inputs: { ...inputSpecs(stage, x, tokens), dy: { dtype: 'float32', shape: y } },
  build: (inputs) => {
    const locals = Object.keys(stage.weights);
    const side = inputs as Tensors & SideInputs;
    const backward = tf.grads((...args: tf.Tensor[]) => {
      const weights = Object.fromEntries(locals.map((local, i) => [local, args[i]!]));
      return stage.apply(plainContext, weights, side, args[locals.length]);
    });
    const variables = [...Object.values(weightsOf(stage, inputs)), ...(inputs['x'] ? [inputs['x']] : [])];
    const gradients = backward(variables, inputs['dy']!);
    return Object.fromEntries(gradients.map((gradient, i) => [`d${i}`, gradient]));
  },
});
