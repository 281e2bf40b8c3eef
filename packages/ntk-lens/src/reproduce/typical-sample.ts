import { type EncodedExample, perSplit, splitNames } from '@ntk-lens/core';
import type { LensTask } from '@ntk-lens/lens';

/** A sample by which time is forecast, and the part of its time that the sample itself takes. */
export interface TypicalSample {
  readonly task: LensTask;
  readonly share: number;
}

/** Lengths of typical examples are few, so that plans of many tasks have the same programs. */
const typicalLength = (mean: number): number => {
  const step = mean <= 32 ? 8 : mean <= 64 ? 16 : 32;
  return Math.max(step, Math.round(mean / step) * step);
};

/** As many examples, all of about the mean length. */
export const typicalSample = (task: LensTask, longest: number): TypicalSample => {
  const all = splitNames.flatMap((split) => task.examples[split]);
  const [first] = all;
  if (!first || all.some(({ branches }) => branches !== undefined)) return { task, share: 1 };
  const mean = all.reduce((sum, { inputIds }) => sum + inputIds.length, 0) / all.length;
  const length = Math.min(typicalLength(mean), longest);
  const stretched = (values: readonly number[]) =>
    Array.from({ length }, (_, i) => values[i % values.length]!);
  const example: EncodedExample = {
    inputIds: stretched(first.inputIds),
    position: Math.min(first.position, length - 1),
    tokenTypeIds: first.tokenTypeIds && stretched(first.tokenTypeIds),
  };
  const examples = perSplit((split) => task.examples[split].map(() => example));
  return { task: { ...task, examples }, share: mean / length };
};
