import { type EncodedExample, ndarray, sizeOf } from '@ntk-lens/core';
import { addPart, eagerJacobian, partKey, siteParameters, takePart, usedSize } from '@ntk-lens/models';
import { type FormulaPass, isSymmetric } from './formulas/formula.js';
import type { GradientMap } from './formulas/gradient-map.js';
import { formulaOf } from './formulas/index.js';
import type { KernelRequest, SplitKernels } from './kernel-request.js';
import { lossOf, targetsOf } from './losses.js';
import { readoutsOf } from './readouts.js';

/** The examples of a kernel request; `queries` are the columns. */
export interface TextbookRequest extends Omit<KernelRequest, 'runtime' | 'queries' | 'projection' | 'tied'> {
  readonly queries: readonly EncodedExample[];
}

/**
 * The exact kernel as its definition says: K = ⟨train(∇f(ξ)), query(∇f(ξ'))⟩ from the rows of the Jacobian, in float32, and
 * sums over all parameters in float64. Choose it to understand or to check `computeKernels`: there is no plan, and all
 * rows are in memory (docs/theory.md, The exact kernel in one page).
 *
 * @example
 * ```ts
 * const { kernel } = await textbookKernel({ model, formula: 'sgd', labelWordIds, train, queries: test });
 * kernel.shape; // [train, C, test, C]
 * ```
 * @throws UnknownFormulaError; BadArgumentError for labels that a formula needs
 */
export const textbookKernel = async (request: TextbookRequest): Promise<SplitKernels> => {
  const { model, train, queries, labelWordIds: words, parameters = () => true, keepNoise } = request;
  const own = model.stages(words).flatMap(({ sites }) => sites.flatMap(siteParameters));
  const chosen = own.filter(({ ref, zero }) => parameters(ref.name) && (keepNoise || !zero));
  const moving = new Set(chosen.map(({ ref }) => partKey(ref)));
  const isMoving = (ref: Parameters<typeof partKey>[0]) => moving.has(partKey(ref));
  const { rows, parts, logits } = await eagerJacobian(model, [...train, ...queries], words, isMoving);

  // Σ_c by_c ∇f_c of example i, of the logits f_c.
  const combine = (i: number, by: ArrayLike<number>) =>
    rows[i * words.length]!.map((_, k) =>
      words.reduce((sum, _word, c) => sum + by[c]! * rows[i * words.length + c]![k]!, 0),
    );
  // v = (1/N) Σ_i (∇ℓ_i)² with ∇ℓ_i = Σ_c χ_c ∇f_c, for formulas that ask for it.
  const meanSquaredGradient: FormulaPass['meanSquaredGradient'] = async (loss) => {
    const targets = targetsOf(request.labels ?? [], words.length, request.range);
    const f = ndarray(logits.slice(0, targets.length), [train.length, words.length]);
    const { cotangent: chi } = lossOf(loss, f, targets);
    const gradients = train.map((_, i) => combine(i, chi.subarray(i * words.length)));
    const v = rows[0]!.map((_, k) => gradients.reduce((sum, g) => sum + g[k]! ** 2, 0) / train.length);
    const read = async (name: string) => {
      const whole = ndarray(
        new Float32Array(sizeOf(model.parameters.get(name)!)),
        model.parameters.get(name)!,
      );
      let at = 0;
      for (const ref of parts) {
        if (ref.name === name) addPart(whole.data, ref, v.subarray(at, at + usedSize(ref)));
        at += usedSize(ref);
      }
      return whole;
    };
    return { read };
  };
  const asked = formulaOf(request.formula);
  const formula = (await asked.prepare?.({ meanSquaredGradient })) ?? asked;

  const readouts = readoutsOf(words.length, request.binary ?? false);
  const gradients = [...train, ...queries].flatMap((_, i) => readouts.map((by) => combine(i, by)));
  const mapped = async ({ factors, numbers }: GradientMap) => {
    const scale: number[] = [];
    for (const ref of factors ? parts : [])
      for (const x of takePart(await factors!.read(ref.name), ref.part).data) scale.push(x);
    return gradients.map((gradient) => numbers(gradient, factors && scale));
  };
  const [t, q] = [await mapped(formula.train), await mapped(formula.query)];
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
  const diagonal = t.map((x, i) => dot(x, q[i]!));
  const n = train.length * readouts.length;
  const kernelOf = (left: readonly Float64Array[], right: readonly Float64Array[]) => {
    const entries = left.slice(0, n).flatMap((x) => right.slice(n).map((y) => dot(x, y)));
    const shape = [train.length, readouts.length, queries.length, readouts.length];
    const kernel = ndarray(Float64Array.from(entries), shape);
    return formula.finish?.(kernel, diagonal.slice(0, n), diagonal.slice(n)) ?? kernel;
  };
  const outputs = queries.flatMap((_, j) =>
    readouts.map((by) =>
      by.reduce((sum, w, c) => sum + w * logits[(train.length + j) * words.length + c]!, 0),
    ),
  );
  return {
    kernel: kernelOf(t, q),
    ...(!isSymmetric(formula) && { flipped: kernelOf(q, t) }),
    logits: ndarray(Float64Array.from(outputs), [queries.length, readouts.length]),
  };
};
