import { type Program, type TensorSpec, tf } from '@ntk-lens/engine';
import type { Stage } from '@ntk-lens/models';
import { siteCotangents } from '../factors/site-cotangents.js';
import { cotangentOutputs, cotangentSpecs, outputCotangents } from '../factors/stage-cotangents.js';
import { inputSpecs, type StageDims, stageInputs } from '../factors/stage-programs.js';
import { isWordTable, type MovingSite } from './moving-sites.js';

/** A site's derivative needs its input activation: not for biases alone, nor for tables. */
const needsActivation = ({ site, parts }: MovingSite): boolean =>
  (site.kind === 'linear' && parts.has('weight')) || (site.kind === 'norm' && parts.has('scale'));

/**
 * Backward pass of one stage. Outputs: `dx<f>` `[n, T, d]` for each output f where wanted, and per moving site `b:<site>`
 * `[C, n, T', out]`, the cotangent of its output, with `a:<site>` `[n, T', in]` where that is needed.
 *
 * @param kept shapes of the site outputs that the forward pass kept, by site: inputs `r:<site>`
 */
export const cotangentProgram = (
  stage: Stage,
  dims: StageDims,
  moving: readonly MovingSite[],
  isHead: boolean,
  output: readonly number[],
  wantsInput: boolean,
  kept: Readonly<Record<string, readonly number[]>> = {},
): Program => ({
  name: `cotangents ${dims.stageFunction} [${moving.map(describe)}] dx=${wantsInput} ${isHead ? JSON.stringify(dims.readouts) : ''}`,
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
      moving.map(({ site }) => site),
      outputCotangents(inputs, dims, isHead),
      new Map(Object.keys(kept).map((site) => [site, inputs[`r:${site}`]!])),
    );
    const results = wantsInput ? cotangentOutputs(dxs) : {};
    for (const one of moving) {
      const { name } = one.site;
      results[`b:${name}`] = tf.stack([...cotangents.get(name)!]);
      if (needsActivation(one)) results[`a:${name}`] = activations.get(name)!;
    }
    return results;
  },
});

const describe = ({ site, parts }: MovingSite): string => `${site.name}.${[...parts.keys()].join('+')}`;

/**
 * ⟨∇f, v⟩ of one stage for a batch. A site's output is linear in its parameters, so its part is ⟨b, y(a; v)⟩: the
 * cotangent of the output against the output that the direction itself would give. Output `j` `[C, n, S]`: sums over
 * features, to be added up over S (tokens of all sites) in float64.
 *
 * @param shapes of the inputs, by name: `a:<site>`, `b:<site>`, `d:<site>.<part>`; for word tables `d:<site>.rows`
 *   `[n, T, d]` instead; `positions` and `types` int32 `[n, T]`
 */
export const contractionProgram = (
  moving: readonly MovingSite[],
  shapes: Readonly<Record<string, readonly number[]>>,
): Program => ({
  name: `contract direction [${moving.map(({ site, parts }) => `${site.kind} ${describe({ site, parts })} ${site.kind === 'linear' && site.inFirst}`)}]`,
  inputs: Object.fromEntries(
    Object.entries(shapes).map(([name, shape]): [string, TensorSpec] => [
      name,
      { dtype: name === 'positions' || name === 'types' ? 'int32' : 'float32', shape },
    ]),
  ),
  build: (inputs) => {
    const parts = moving.map((one) => {
      const b = inputs[`b:${one.site.name}`]!;
      return b.mul(siteOutput(one, inputs).expandDims(0)).sum(-1);
    });
    return { j: parts.length === 1 ? parts[0]! : tf.concat(parts, 2) };
  },
});

/** What a site computes with the direction in place of its parameters; broadcasts to `[n, T', out]`. */
const siteOutput = ({ site, parts }: MovingSite, inputs: Readonly<Record<string, tf.Tensor>>): tf.Tensor => {
  const direction = (part: string) => (parts.has(part) ? inputs[`d:${site.name}.${part}`]! : undefined);
  const a = inputs[`a:${site.name}`];
  const sum = (product: tf.Tensor | undefined, shift: tf.Tensor | undefined) =>
    product && shift ? product.add(shift) : (product ?? shift!.expandDims(0));
  if (site.kind === 'linear') {
    const weight = direction('weight') as tf.Tensor2D | undefined;
    const product = weight && flatProduct(a!, weight, !site.inFirst);
    return sum(product, direction('bias'));
  }
  if (site.kind === 'norm') {
    const scale = direction('scale');
    return sum(scale && a!.mul(scale), direction('shift'));
  }
  if (isWordTable(site)) return inputs[`d:${site.name}.rows`]!;
  const table = direction('table')!;
  if (site.ids === 'rows') return table.expandDims(0);
  const ids = inputs[site.ids]!;
  return tf.gather(table, ids.flatten().toInt()).reshape([...ids.shape, table.shape[1]!]);
};

const flatProduct = (x: tf.Tensor, weight: tf.Tensor2D, outFirst: boolean): tf.Tensor => {
  const [n, length, width] = x.shape as [number, number, number];
  const y = tf.matMul(x.reshape([n * length, width]), weight, false, outFirst);
  return y.reshape([n, length, y.shape[1]!]);
};
