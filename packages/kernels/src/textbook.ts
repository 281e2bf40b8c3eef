import { type EncodedExample, ndarray, sizeOf } from '@ntk-lens/core';
import { addPart, eagerJacobian, partKey, siteParameters, takePart, usedSize } from '@ntk-lens/models';
import { isSymmetric, type Preparation } from './formulas/formula.js';
import type { GradientMap } from './formulas/gradient-map.js';
import { formulaOf } from './formulas/index.js';
import { lossOf, targetsOf } from './formulas/losses.js';
import { checkFormula } from './request/check-formula.js';
import type { KernelRequest, SplitKernels } from './request/kernel-request.js';
import { logitWeightsOf } from './request/logit-weights.js';

/** The examples of a kernel request; `queries` are the columns. */
export interface TextbookRequest extends Omit<KernelRequest, 'runtime' | 'queries' | 'projection' | 'tied'> {
  readonly queries: readonly EncodedExample[];
}

/**
 * The exact kernel as docs/theory.md defines it, from float32 rows of the Jacobian and float64 sums over all parameters.
 * Choose it to understand or to check `computeKernels`: it has no plan, and keeps all rows in memory.
 *
 * @example
 * ```ts
 * const { kernel } = await textbookKernel({ model, formula: 'sgd', labelWordIds, train, queries }); // [train, C, test, C]
 * ```
 * @param jacobianOf computes the rows. Default: `eagerJacobian`, for each formula anew
 * @throws UnknownFormulaError; BadArgumentError for labels that a formula needs; what the formula throws
 */
export const textbookKernel = async (
  request: TextbookRequest,
  jacobianOf = eagerJacobian,
): Promise<Omit<SplitKernels, 'logits'>> => {
  const { model, train, queries, labelWordIds: words, parameters = () => true, keepNoise } = request;
  const logitWeights = logitWeightsOf(words.length, request.binary);
  const own = model.stages(words).flatMap(({ sites }) => sites.flatMap(siteParameters));
  const chosen = own.filter(({ ref, zero }) => parameters(ref.name) && (keepNoise || !zero));
  const asked = formulaOf(request.formula);
  const names = chosen.map(({ ref }) => ref.name);
  checkFormula(asked, request, names);
  const moving = new Set(chosen.map(({ ref }) => partKey(ref)));
  const all = [...train, ...queries];
  const jacobian = await jacobianOf(model, all, words, (ref) => moving.has(partKey(ref)));
  // Σ_c by_c ∇f_c of example i, from the rows of its logits f_c.
  const combine = (i: number, by: ArrayLike<number>): Float64Array => {
    const rows = jacobian.rows.slice(i * words.length, (i + 1) * words.length);
    return rows[0]!.map((_, k) => rows.reduce((sum, row, c) => sum + by[c]! * row[k]!, 0));
  };
  // v = (1/N) Σ_i (∇ℓ_i)² with ∇ℓ_i = Σ_c χ_c ∇f_c, for formulas that ask for it.
  const meanSquaredGradient: Preparation['meanSquaredGradient'] = async (loss) => {
    const targets = targetsOf(request.labels ?? [], words.length, request.range);
    const f = ndarray(jacobian.logits.slice(0, targets.length), [train.length, words.length]);
    const { cotangent: chi } = lossOf(loss, f, targets);
    const gradients = train.map((_, i) => combine(i, chi.subarray(i * words.length)));
    const v = combine(0, chi).map((_, k) => gradients.reduce((sum, g) => sum + g[k]! ** 2, 0) / train.length);
    const read = async (name: string) => {
      const shape = model.parameters.get(name) ?? [];
      const whole = new Float32Array(sizeOf(shape));
      let at = 0;
      for (const ref of jacobian.parts) {
        if (ref.name === name) addPart(whole, ref, v.subarray(at, at + usedSize(ref)));
        at += usedSize(ref);
      }
      return ndarray<'float32'>(whole, shape);
    };
    return { read };
  };
  const formula = { ...asked, ...(await asked.prepare?.({ meanSquaredGradient })) };
  const gradients = all.flatMap((_, i) => logitWeights.map((by) => combine(i, by)));
  const mapped = async ({ factors, numbers }: GradientMap) => {
    const scale: number[] = [];
    for (const ref of factors ? jacobian.parts : [])
      for (const x of takePart(await factors!.read(ref.name), ref.part).data) scale.push(x);
    return gradients.map((gradient) => numbers(gradient, scale));
  };
  const [t, q] = [await mapped(formula.train), await mapped(formula.query)];
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((sum, value, k) => sum + value * y[k]!, 0);
  const diagonal = t.map((x, i) => dot(x, q[i]!));
  const n = train.length * logitWeights.length;
  const shape = [train.length, logitWeights.length, queries.length, logitWeights.length];
  const kernelOf = (left: readonly Float64Array[], right: readonly Float64Array[]) => {
    const entries = left.slice(0, n).flatMap((x) => right.slice(n).map((y) => dot(x, y)));
    const kernel = ndarray<'float64'>(Float64Array.from(entries), shape);
    return formula.finish?.(kernel, diagonal.slice(0, n), diagonal.slice(n)) ?? kernel;
  };
  return { kernel: kernelOf(t, q), flipped: isSymmetric(formula) ? undefined : kernelOf(q, t) };
};
