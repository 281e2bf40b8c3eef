import { type EncodedExample, type NDArray, sizeOf } from '@ntk-lens/core';
import { addPart, eagerJacobian, type LanguageModel, usedSize } from '@ntk-lens/models';

/** Gradient of one logit: parameter name → gradient in the parameter's own shape. */
export type LogitGradient = ReadonlyMap<string, Float64Array>;

/**
 * Gradients of every logit with respect to every weight that stages use, by automatic differentiation alone.
 *
 * @param wanted parameters to differentiate by
 * @returns example by example, logit by logit
 */
export const namedGradients = async (
  model: LanguageModel,
  examples: readonly EncodedExample[],
  labelWordIds: readonly number[],
  wanted: (name: string) => boolean = () => true,
): Promise<LogitGradient[]> => {
  const { parts, rows } = await eagerJacobian(model, examples, labelWordIds, ({ name }) => wanted(name));
  return rows.map((row) => {
    const gradient = new Map<string, Float64Array>();
    let start = 0;
    for (const ref of parts) {
      const whole = gradient.get(ref.name) ?? new Float64Array(sizeOf(ref.shape));
      gradient.set(ref.name, whole);
      addPart(whole, ref, row.subarray(start, start + usedSize(ref)));
      start += usedSize(ref);
    }
    return gradient;
  });
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
