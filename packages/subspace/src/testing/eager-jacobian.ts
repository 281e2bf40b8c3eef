import { type EncodedExample, type NDArray, ndarray, sizeOf } from '@ntk-lens/core';
import { tf } from '@ntk-lens/engine';
import { collate, type LanguageModel, plainContext, type SideInputs, takePart } from '@ntk-lens/models';

/** Gradient of one logit: parameter name → gradient in the parameter's own shape. */
export type LogitGradient = ReadonlyMap<string, Float64Array>;

/**
 * Gradients of every logit with respect to every weight that stages use, by tfjs's own autodiff through the
 * stages' functions on its plain CPU backend: no sites, no factors, no contraction.
 *
 * @param wanted parameters to differentiate by
 * @returns example by example, logit by logit
 */
export const eagerJacobian = async (
  model: LanguageModel,
  examples: readonly EncodedExample[],
  labelWordIds: readonly number[],
  wanted: (name: string) => boolean = () => true,
): Promise<LogitGradient[]> => {
  await tf.setBackend('cpu');
  const stages = model.stages(labelWordIds);
  const values = new Map<string, NDArray<'float32'>>();
  for (const name of model.parameters.keys()) values.set(name, await model.read(name));
  const uses = stages.flatMap((stage, s) =>
    Object.entries(stage.weights).map(([local, ref]) => ({ s, local, ref })),
  );
  const rows: LogitGradient[] = [];
  for (const example of examples) {
    const arrays = collate([example], { indices: [0], length: example.inputIds.length }, model.config);
    for (let c = 0; c < labelWordIds.length; c++) {
      const gradient = new Map<string, Float64Array>();
      tf.tidy(() => {
        const side = Object.fromEntries(
          Object.entries(arrays).map(([name, array]: [string, NDArray<'float32' | 'int32'>]) => [
            name,
            tf.tensor(array.data, [...array.shape], array.dtype),
          ]),
        ) as unknown as SideInputs;
        const inputs = uses.map(({ ref }) => {
          const { data, shape } = takePart(values.get(ref.name)!, ref.part);
          return tf.tensor(data, [...shape]);
        });
        const moving = uses.flatMap(({ ref }, i) => (wanted(ref.name) ? [i] : []));
        const logit = (...moved: tf.Tensor[]): tf.Tensor => {
          const weights = inputs.map((input, i) => moved[moving.indexOf(i)] ?? input);
          let x: tf.Tensor | undefined;
          for (const [s, stage] of stages.entries()) {
            const local = uses.flatMap((use, i) => (use.s === s ? [[use.local, weights[i]!] as const] : []));
            x = stage.apply(plainContext, Object.fromEntries(local), side, x);
          }
          return x!.slice([0, c], [1, 1]).sum();
        };
        for (const [m, part] of tf
          .grads(logit)(moving.map((i) => inputs[i]!))
          .entries()) {
          const { ref } = uses[moving[m]!]!;
          const whole = gradient.get(ref.name) ?? new Float64Array(sizeOf(ref.shape));
          gradient.set(ref.name, whole);
          const places = ndarray<'float32'>(
            Float32Array.from(whole, (_, k) => k),
            ref.shape,
          );
          const at = takePart(places, ref.part).data;
          for (const [k, value] of part.dataSync().entries()) whole[at[k]!]! += value;
        }
      });
      rows.push(gradient);
    }
  }
  return rows;
};

/** ⟨x, y⟩ of all pairs of rows, `[n, C, n, C]`. */
export const kernelOf = (rows: readonly ArrayLike<number>[], outputs: number): NDArray<'float64'> => {
  const n = rows.length / outputs;
  const data = new Float64Array(rows.length ** 2);
  for (const [i, x] of rows.entries()) {
    for (const [j, y] of rows.entries()) {
      let sum = 0;
      for (let k = 0; k < x.length; k++) sum += x[k]! * y[k]!;
      data[i * rows.length + j] = sum;
    }
  }
  return { dtype: 'float64', shape: [n, outputs, n, outputs], data };
};
