import type { EncodedExample, NDArray } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import type { LabelWordIds } from '../architectures/label-word-ids.js';
import { collate } from '../batching/batch.js';
import { checkSequences } from '../batching/branches.js';
import { sideTensors } from '../batching/upload-side.js';
import type { LanguageModel } from '../language-model.js';
import { type ParameterRef, partKey } from '../sites/parameter-ref.js';
import { plainContext } from '../sites/site-context.js';
import { takePart } from './take-part.js';

/** Jacobian of the logits of some examples. */
export interface EagerJacobian {
  /**
   * The columns of a row: parameters, or parts of them, side by side, each once, even if it is used several
   * times.
   */
  readonly parts: readonly ParameterRef[];
  /** ∇f_c(ξ_i) in row i·C + c, all parts one after another. Rows of an example that was given twice are the same array. */
  readonly rows: readonly Float64Array[];
  /** f(·; θ), `[n · C]`. */
  readonly logits: Float64Array;
}

/** A logit of an example, and its gradient. */
interface Output {
  readonly row: Float64Array;
  readonly logit: number;
}

/**
 * Gradients of every logit with respect to the parameters that the stages use, by automatic differentiation
 * of the whole network in float32 on tfjs's own processor backend. It uses no sites and no factors, and one
 * backward pass for each row. Choose it to check what is computed otherwise, on small models.
 *
 * @example
 * ```ts
 * const { rows } = await eagerJacobian(model, examples, labelWordIds);
 * rows.length; // examples · labels
 * ```
 * @param wanted parts of parameters to differentiate by; default: all
 */
export const eagerJacobian = async (
  model: Pick<LanguageModel, 'config' | 'read' | 'stages'>,
  examples: readonly EncodedExample[],
  labelWordIds: LabelWordIds,
  wanted: (ref: ParameterRef) => boolean = () => true,
): Promise<EagerJacobian> => {
  await tf.setBackend('cpu');
  const stages = model.stages(labelWordIds);
  checkSequences(examples, stages, model.config);
  const theta = [
    ...new Map(
      stages.flatMap(({ weights }) => Object.values(weights)).map((ref) => [partKey(ref), ref] as const),
    ).values(),
  ];
  const values: NDArray<'float32'>[] = [];
  for (const ref of theta) values.push(takePart(await model.read(ref.name), ref.part));
  const columns = [...theta.keys()].filter((i) => wanted(theta[i]!));
  // An example that is given again has the rows that it had.
  const known = new Map<EncodedExample, Output[]>();
  for (const example of new Set(examples)) {
    const own: Output[] = [];
    known.set(example, own);
    const arrays = collate([example], { indices: [0], length: example.inputIds.length }, model.config);
    for (const c of labelWordIds.keys()) {
      tf.tidy(() => {
        const side = sideTensors(arrays);
        const tensors = values.map(({ data, shape }) => tf.tensor(data, [...shape]));
        const logit = (...point: tf.Tensor[]): tf.Tensor => {
          const at = new Map(theta.map((ref, i) => [partKey(ref), tensors[i]!]));
          for (const [k, i] of columns.entries()) at.set(partKey(theta[i]!), point[k]!);
          let x: tf.Tensor | undefined;
          for (const stage of stages) {
            const own = Object.entries(stage.weights).map(([local, ref]) => [local, at.get(partKey(ref))!]);
            x = stage.apply(plainContext, Object.fromEntries(own), side, x);
          }
          return x!.slice([0, c], [1, 1]).sum();
        };
        const { value, grads } = tf.valueAndGrads(logit)(columns.map((i) => tensors[i]!));
        const parts = grads.map((gradient) => gradient.dataSync());
        const row = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
        let start = 0;
        for (const part of parts) {
          row.set(part, start);
          start += part.length;
        }
        own.push({ row, logit: value.dataSync()[0]! });
      });
    }
  }
  const all = examples.flatMap((example) => known.get(example)!);
  return {
    parts: columns.map((i) => theta[i]!),
    rows: all.map(({ row }) => row),
    logits: Float64Array.from(all, ({ logit }) => logit),
  };
};
