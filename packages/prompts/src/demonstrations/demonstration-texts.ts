import { BadArgumentError } from '@ntk-lens/core';

/**
 * The texts that a demonstration template reads: those of the query, then those of each demonstration.
 *
 * @param query texts of the query
 * @param demonstrations texts of each demonstration, in order
 * @param count texts per example, as the template of one example names them (`textsPerExample`)
 * @throws BadArgumentError if an example has fewer texts
 */
export const demonstrationTexts = (
  query: readonly string[],
  demonstrations: readonly (readonly string[])[],
  count: number,
): string[] =>
  [query, ...demonstrations].flatMap((texts, i) => {
    if (texts.length < count) {
      const name = i === 0 ? 'query' : `demonstration ${i - 1}`;
      throw new BadArgumentError(name, `${texts.length} texts`, `${count}, as the template names`);
    }
    return texts.slice(0, count);
  });
