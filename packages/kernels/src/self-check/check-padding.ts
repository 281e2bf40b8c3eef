import type { EncodedExample } from '@ntk-lens/core';
import type { KernelFormula } from '../formulas/formula.js';
import type { Kernels } from '../request/kernel-request.js';
import { type CheckResult, judge, relativeDistance } from './check-result.js';
import { dot } from './direction.js';
import type { ModelProbe } from './model-probe.js';

/** Kernels of one formula. */
export interface FormulaKernels {
  readonly formula: KernelFormula;
  readonly kernels: Kernels;
}

/** The model and examples of the checks. */
export interface CheckSubject {
  readonly probe: ModelProbe;
  readonly examples: readonly EncodedExample[];
  /** C. */
  readonly outputs: number;
  /** Kernels of the examples among themselves, of each formula; those of plain gradients first. */
  readonly kernels: readonly [FormulaKernels, ...FormulaKernels[]];
  readonly seed: number;
}

const THRESHOLD = 1e-4;
// Not a multiple of anything that shapes are usually rounded to.
const PADDING = 13;

/** One example alone must give the same logits and the same ‖∇f‖² without padding, padded, and in a batch. */
export const checkPadding = async (
  { probe, examples, outputs, kernels }: CheckSubject,
  longest: number,
): Promise<CheckResult[]> => {
  const tokens = examples.map(({ inputIds }) => inputIds.length);
  const alone: number[] = [];
  const padded: number[] = [];
  for (const [i, example] of examples.entries()) {
    const more = Math.min(longest, tokens[i]! + PADDING);
    alone.push(...Array.from(await probe.logits([example], tokens[i]!)));
    padded.push(...Array.from(await probe.logits([example], more)));
  }
  const together = await probe.logits(examples, Math.max(...tokens));
  const logits = { threshold: THRESHOLD, detail: 'relative to the size of the logits' };
  const { data } = kernels[0].kernels.train.kernel;
  const first = examples[0]!;
  const square = async (length: number): Promise<number> => {
    const gradient = await probe.gradient(first, 0, length);
    const value = await dot(probe.scope, gradient, gradient);
    probe.scope.release(gradient.values());
    return value;
  };
  const squares = [await square(tokens[0]!), await square(Math.min(longest, tokens[0]! + PADDING))];
  const entries = {
    threshold: THRESHOLD,
    detail: `‖∇f‖² of the first example and the first of ${outputs} outputs`,
  };
  return [
    judge(
      {
        name: 'padding: logits',
        compares: 'logits of each example alone, without and with padding',
        ...logits,
      },
      relativeDistance(padded, alone),
    ),
    judge(
      { name: 'batch: logits', compares: 'logits of each example alone and all in one batch', ...logits },
      relativeDistance(together, alone),
    ),
    judge(
      {
        name: 'padding: gradient',
        compares: 'a gradient of one example without and with padding',
        ...entries,
      },
      relativeDistance([squares[1]!], [squares[0]!]),
    ),
    judge(
      { name: 'batch: kernel', compares: 'a gradient of one example alone and its kernel entry', ...entries },
      relativeDistance([data[0]!], [squares[0]!]),
    ),
  ];
};
