import type { ParameterRef } from '../sites/parameter-ref.js';
import type { Site } from '../sites/site.js';
import { siteParameters } from '../sites/site-kinds.js';
import { defineResult } from '../stages/define-stage.js';
import type { Stage } from '../stages/stage.js';
import { type ReadToken, sumLogProbabilities } from './parts/sum-log-probabilities.js';

/** A parameter without the choice of its rows: all of them, under the name by which other uses share it. */
const allRows = ({ name, shape }: ParameterRef): ParameterRef => ({ name, shape });

const withAllRows = (site: Site): Site =>
  Object.fromEntries(
    Object.entries(site).map(([field, value]: [string, unknown]) =>
      typeof value === 'object' && value !== null && 'part' in value && 'rows' in (value.part as object)
        ? [field, allRows(value as ParameterRef & typeof value)]
        : [field, value],
    ),
  ) as unknown as Site;

const joint = defineResult((reads: readonly ReadToken[], logits) => sumLogProbabilities(logits, reads));

/** Tokens of each word with the row that predicts them: the prompt for the first one, their branch for the others. */
const readsOf = (words: readonly (readonly number[])[]): ReadToken[] => {
  let row = 1;
  return words.flatMap((word, label) => word.map((token, t) => ({ label, token, row: t === 0 ? 0 : row++ })));
};

/**
 * A head whose outputs are the log-probabilities of label words, `[n, C]`.
 *
 * @param head the same with the logits of the whole vocabulary
 */
export const jointHead = (head: Stage, words: readonly (readonly number[])[]): Stage => {
  const sites = head.sites.map(withAllRows);
  const weights = Object.fromEntries(sites.flatMap(siteParameters).map(({ local, ref }) => [local, ref]));
  return joint({ ...head, sites, weights }, readsOf(words));
};
