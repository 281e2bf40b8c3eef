import { ndarray } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { parseTemplate } from '../template/parse-template.js';
import { readFixture } from '../testing/fixture.js';
import { demonstrationTemplate } from './demonstration-template.js';
import { sampleDemonstrations } from './sample-demonstrations.js';

interface Case {
  readonly seed: number;
  readonly labels: readonly string[];
  readonly pool: readonly string[];
  readonly queries: number;
  readonly samples: number;
  readonly perLabel: number;
  readonly queriesArePool: boolean;
  readonly similar?: { readonly pool: number[][]; readonly queries: number[][]; readonly rate: number };
  readonly drawn: number[][][];
}
interface TemplateCase {
  readonly template: string;
  readonly labels: number;
  readonly 'by-label': string;
  readonly 'in-context-after': string;
  readonly 'in-context-before': string;
}
const { cases, templates } = readFixture<{ cases: Case[]; templates: TemplateCase[] }>('demonstrations.json');

const matrix = (rows: readonly (readonly number[])[]) =>
  ndarray(Float64Array.from(rows.flat()), [rows.length, rows[0]!.length]);

test.each(cases)('seed $seed draws the demonstrations that NumPy draws for LM-BFF', (golden) => {
  const { seed, labels, pool, queries, samples, perLabel, queriesArePool, similar } = golden;
  const drawn = sampleDemonstrations(
    pool.map((label, i) => ({ texts: [`text ${i}`], label })),
    queries,
    {
      seed,
      labels,
      samples,
      perLabel,
      queriesArePool,
      ...(similar === undefined
        ? {}
        : { similar: { pool: matrix(similar.pool), queries: matrix(similar.queries), rate: similar.rate } }),
    },
  );
  expect(drawn).toEqual(golden.drawn);
});

test.each(templates)('$template with demonstrations is the template that LM-BFF writes', (golden) => {
  for (const style of ['by-label', 'in-context-after', 'in-context-before'] as const) {
    const template = demonstrationTemplate(golden.template, { labels: golden.labels, style });
    expect(template.source).toBe(golden[style]);
    expect(template).toEqual(parseTemplate(golden[style]));
  }
});
