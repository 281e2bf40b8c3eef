import { BadArgumentError } from '@ntk-lens/core';
import { bootstrapInterval } from '../statistics/seed-interval.js';
import type { Finding, Verdict } from '../verdict.js';
import { definitions } from './definitions.js';

/** |χ| of test examples under one way to ask the model; mean over seeds, or over draws of what is random. */
export interface ChiSample {
  /** e.g. `prompt`, `label words shuffled`, `random head`. */
  readonly name: string;
  /** One number per test example, the same examples for all. */
  readonly sizes: readonly number[];
}

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;
const show = (value: number): string => value.toFixed(3);

/**
 * Is the task natural? At one width only a necessary sign of it can be seen: the prompted model's |χ|, at
 * most half of what a random head leaves. It fails if |χ| is not even below that of shuffled label words or
 * of a random head; in between the verdict is `cannot tell`. The limit itself needs a ladder of widths.
 *
 * @param prompt the task as it is asked
 * @param others with `random head` among them, which the prompt is held against
 * @throws BadArgumentError where no random head is among the others
 */
export const naturalFinding = (prompt: ChiSample, others: readonly ChiSample[]): Finding => {
  const random = others.find(({ name }) => name === 'random head');
  if (!random)
    throw new BadArgumentError('others', others.map(({ name }) => name).join(', '), 'a random head');
  const statistic = mean(prompt.sizes);
  const interval = bootstrapInterval(prompt.sizes);
  const limit = mean(random.sizes) / 2;
  const rivals = others.filter(({ name }) => name === 'random head' || name === 'label words shuffled');
  const [low, high] = interval ?? [statistic, statistic];
  const fails = rivals.some(({ sizes }) => low >= mean(sizes));
  const verdict: Verdict = high <= limit ? 'holds' : fails ? 'fails' : 'cannot tell';
  return {
    condition: 'natural task (one width)',
    verdict,
    measure: 'mean |χ| of test examples before any step, |χ| = 1 − p(label)',
    statistic,
    interval,
    threshold: `≤ ${show(limit)}`,
    definition: definitions.natural,
    note: `compared with ${others.map(({ name, sizes }) => `${name} ${show(mean(sizes))}`).join(', ')}; the interval is over test examples`,
  };
};
