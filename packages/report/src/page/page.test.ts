import { ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { XMLParser } from 'fast-xml-parser';
import { describe, expect, it } from 'vitest';
import { embedded, escapeHtml } from './markup.js';
import { type Page, renderPage } from './page.js';
import type { HeatMapPart } from './parts/heat-map-part.js';
import { renderHtmlTable } from './parts/table-part.js';

const evil = '<script>alert(1)</script>" onload="alert(2)\u2028\'&amp;';

const kernel = (n: number, m: number): HeatMapPart => ({
  kind: 'heat-map',
  map: {
    title: evil,
    values: ndarray(
      Float64Array.from({ length: n * m }, (_, k) => Math.sin(k)),
      [n, m],
    ),
    value: 'K',
    rows: {
      label: evil,
      groups: Array.from({ length: n }, (_, i) => i % 2),
      names: [evil, 'b'],
      texts: Array.from({ length: n }, (_, i) => [`${evil}${i}`]),
    },
    columns: { label: 'test', groups: Array.from({ length: m }, (_, i) => i % 2), names: [evil, 'b'] },
  },
});

/** A page with a text of somebody else's in every place that takes one. */
const page: Page = {
  title: evil,
  subtitle: evil,
  madeBy: evil,
  parts: [{ kind: 'numbers', numbers: [{ name: evil, value: evil, note: evil }] }],
  sections: [
    {
      title: evil,
      parts: [
        { kind: 'text', text: evil },
        { kind: 'facts', facts: [{ name: evil, value: evil, code: true }] },
        { kind: 'links', links: [{ to: 'javascript:alert(1)', text: evil, note: evil }] },
        {
          kind: 'table',
          table: {
            title: evil,
            columns: [{ header: evil }, { header: 'b' }],
            rows: [{ cells: [evil, 1] }],
            notes: [evil],
          },
        },
        {
          kind: 'examples',
          methods: [evil],
          similarity: evil,
          rows: [
            {
              ...{ index: 0, texts: [evil, evil], label: evil },
              answers: [{ prediction: evil, margin: -1, right: false }],
              nearest: [{ texts: [evil], label: evil, similarity: 1 }],
            },
          ],
          notes: [evil],
        },
        {
          kind: 'verdicts',
          verdicts: [
            {
              ...{
                condition: evil,
                subject: evil,
                verdict: evil,
                measure: evil,
                statistic: evil,
                interval: evil,
              },
              ...{ threshold: evil, definition: evil, note: evil },
            },
          ],
        },
        kernel(4, 6),
      ],
      sections: [{ title: evil, parts: [], folded: true }],
    },
  ],
};

/** What stands in the elements `script` of a page that are not data. */
const scripts = (source: string): string[] =>
  [...source.matchAll(/<script>([\s\S]*?)<\/script>/g)].map((match) => match[1]!);

describe('a text of somebody else’s', () => {
  it('adds no element, attribute or script to a page', () => {
    const harmless = JSON.parse(JSON.stringify(page).replaceAll(JSON.stringify(evil).slice(1, -1), 'text'));
    const tags = (source: string): string[] =>
      [...source.matchAll(/<[a-z/!][^<>]*>/gi)].map(([tag]) => tag.replace(/"[^"]*"/g, '""'));
    // Values of arrays survive JSON as objects; the heat map is made anew.
    const same: Page = {
      ...harmless,
      sections: [{ ...harmless.sections[0], parts: harmless.sections[0].parts.slice(0, -1) }],
    };
    const first = page.sections[0]!;
    const own: Page = { ...page, sections: [{ ...first, parts: first.parts.slice(0, -1) }] };
    expect(tags(renderPage(own))).toEqual(tags(renderPage(same)));
    expect(scripts(renderPage(page))).toEqual(scripts(renderPage({ title: '', sections: [] })));
    expect(renderPage(page)).not.toMatch(/href="javascript:|\u2028/);
  });
  it('is shown as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'<>&"\'abc/ \u2028') }), (text) => {
        const parsed = new XMLParser({ ignoreAttributes: false, trimValues: false, htmlEntities: true });
        const { p } = parsed.parse(`<p title="${escapeHtml(text)}">${escapeHtml(text)}.</p>`);
        const shown = text.replaceAll('\u2028', '↵');
        expect(p['#text'] ?? p).toBe(`${shown}.`);
      }),
    );
  });
  it('cannot end the element of data, which say the same', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.constantFrom('</script>', '\u2028', '<!--', ']]>'), (value, text) => {
        const { source } = embedded('x', [value, text]);
        const inside = source.slice(source.indexOf('>') + 1, -'</script>'.length);
        expect(inside).not.toMatch(/[<>\u2028\u2029]/);
        expect(JSON.parse(inside)).toEqual(JSON.parse(JSON.stringify([value, text])));
      }),
    );
  });
});

describe('a page', () => {
  const source = renderPage(page);
  it('asks for no other file, and the same page is the same bytes', () => {
    expect(source.replaceAll('http://www.w3.org/2000/svg', '')).not.toMatch(
      /(?:src|href)="(?!data:|#|\.\/)|url\(|@import|https?:/,
    );
    expect(source).toContain("default-src 'none'");
    expect(renderPage(page)).toBe(source);
  });
  it('has one h1, headings without a gap, and ids that occur once', () => {
    const levels = [...source.matchAll(/<h(\d)/g)].map((match) => Number(match[1]));
    expect(levels.filter((level) => level === 1)).toHaveLength(1);
    for (const [i, level] of levels.entries()) expect(level - (levels[i - 1] ?? 0)).toBeLessThanOrEqual(1);
    const ids = [...source.matchAll(/ id="([^"]*)"/g)].map((match) => match[1]!);
    expect(new Set(ids).size).toBe(ids.length);
  });
  it('of scripts that are functions of nothing outside', () => {
    for (const script of scripts(source)) expect(() => new Function(script)).not.toThrow();
    expect(source).not.toMatch(/__vite_ssr|__vi_import/);
  });
});

describe('a heat map', () => {
  /** Data of the only heat map of a page, as its scripts read them. */
  const dataOf = (part: HeatMapPart) => {
    const source = renderPage({ title: 't', sections: [{ title: 's', parts: [part] }] });
    const { 1: json } = /data-name="heat-map">([^<]*)</.exec(source)!;
    const data = JSON.parse(json!);
    return { ...data, bytes: Uint8Array.from(atob(data.bytes), (c) => c.charCodeAt(0)) };
  };
  it('has a byte for each entry, which gives its value back to half a step of the scale', () => {
    const part = kernel(8, 12);
    const { bytes, size, low, high, rows, columns } = dataOf(part);
    expect(size).toEqual([8, 12]);
    for (const [i, [row]] of rows.members.entries())
      for (const [j, [column]] of columns.members.entries()) {
        const value = part.map.values.data[row * 12 + column]!;
        const shown = low + ((high - low) * bytes[i * 12 + j]) / 255;
        expect(Math.abs(Math.min(high, Math.max(low, value)) - shown)).toBeLessThanOrEqual(
          (high - low) / 509,
        );
      }
  });
  it('is averaged above its limit: entries of one label together, each example once, the same mean', () => {
    const part = { ...kernel(30, 50), most: 8 };
    const { size, rows, columns, bytes, low, high } = dataOf(part);
    expect(size[0]).toBeLessThanOrEqual(8);
    expect(size[1]).toBeLessThanOrEqual(8);
    expect(rows.members.flat().sort((a: number, b: number) => a - b)).toEqual(
      Array.from({ length: 30 }, (_, i) => i),
    );
    for (const members of columns.members) expect(new Set(members.map((i: number) => i % 2)).size).toBe(1);
    const [row, column] = [rows.members[0], columns.members[1]];
    const values = row.flatMap((i: number) => column.map((j: number) => Math.sin(i * 50 + j)));
    const mean = values.reduce((a: number, b: number) => a + b, 0) / values.length;
    expect(low + ((high - low) * bytes[1]) / 255).toBeCloseTo(Math.min(high, Math.max(low, mean)), 2);
  });
  it('has orders that are permutations, and brings clusters together', () => {
    const [n, m] = [12, 12];
    const blocks = Float64Array.from({ length: n * m }, (_, k) =>
      Math.floor(k / m) % 3 === (k % m) % 3 ? 1 : 0,
    );
    const part = kernel(n, m);
    const { orders, rows } = dataOf({ ...part, map: { ...part.map, values: ndarray(blocks, [n, m]) } });
    for (const [own, other] of Object.values(orders) as number[][][])
      for (const order of [own!, other!])
        expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
    const thirds = orders.cluster[0].map((i: number) => rows.members[i][0] % 3);
    expect(thirds.filter((third: number, i: number) => i > 0 && third !== thirds[i - 1])).toHaveLength(2);
  });
});

it('a table in HTML has headers of columns and rows, and exact values to sort by', () => {
  const table = renderHtmlTable({
    columns: [{ header: 'method' }, { header: 'accuracy', percent: true, digits: 1 }],
    rows: [{ cells: ['SGD', { mean: 0.8531, sd: 0.01 }], strong: true }, { cells: ['none', null] }],
  });
  expect(table).toContain('<th scope="col" class="right">accuracy (%)</th>');
  expect(table).toContain(
    '<th scope="row" class="left">SGD</th><td class="right" data-value="0.8531">85.3 ± 1.0</td>',
  );
  expect(table).toContain('<td class="right">–</td>');
});
