import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lineChart } from '@ntk-lens/report';
import { renderPage } from '@ntk-lens/report/page';
import { expect, test } from 'vitest';
import { documents } from '../documents/documents.js';
import { root } from '../root.js';
import { typed } from '../screens/typed.js';
import { architecture, packagesDrawing, rowsOf, withoutShortcuts } from './architecture.js';
import { figureInPage } from './figure-in-page.js';
import { bench, makers } from './makers.js';

const pictures = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((name) => name.endsWith('.svg'))
    .map((name) => name.replace(/\.svg$/, ''))
    .sort();

test('every figure of the documentation has one maker, and every maker’s figure is there', () => {
  const figures = makers.flatMap((maker) => Object.keys(maker.figures));
  const made = [...figures, bench.figure, ...Object.keys(architecture(root))];
  expect(pictures('docs/images')).toEqual(made.sort());
  expect(pictures('docs/images/screens')).toEqual(Object.keys(typed).sort());
});

test('a figure has the title by which its maker finds it', () => {
  for (const { figures } of makers)
    for (const [name, title] of Object.entries(figures)) {
      const svg = readFileSync(join(root, `docs/images/${name}.svg`), 'utf8');
      expect(figureInPage(svg, title), name).toBe(svg);
    }
});

test('pages show all figures, and no others', () => {
  const shown = documents.flatMap((name) =>
    [
      ...readFileSync(join(root, name), 'utf8').matchAll(
        /docs\/images\/([\w/-]+)\.svg|\(images\/([\w/-]+)\.svg\)/g,
      ),
    ].map(([, one, other]) => one ?? (name.startsWith('examples/') ? `examples/${other}` : other!)),
  );
  const there = [
    ...pictures('docs/images'),
    ...pictures('docs/images/screens').map((name) => `screens/${name}`),
    ...pictures('examples/images').map((name) => `examples/${name}`),
  ];
  expect([...new Set(shown)].sort()).toEqual(there.sort());
});

test('drawings of the architecture show the packages as they are', () => {
  for (const [name, svg] of Object.entries(architecture(root)))
    expect(
      readFileSync(join(root, `docs/images/${name}.svg`), 'utf8'),
      'run "pnpm figures architecture"',
    ).toBe(svg);
});

test('a package stands above what it depends on, and a shortcut has no arrow', () => {
  const graph = new Map([
    ['top', ['middle', 'bottom']],
    ['middle', ['bottom']],
    ['bottom', []],
  ]);
  expect(rowsOf(graph)).toEqual([['bottom'], ['middle'], ['top']]);
  expect(withoutShortcuts(graph).get('top')).toEqual(['middle']);
  expect(packagesDrawing(graph).match(/<path d="M[^"]*" marker-end/g)).toHaveLength(2);
});

test('a figure is taken out of a page as it was drawn', () => {
  const draw = (title: string): string =>
    lineChart({
      ...{ title, x: { label: 'step' }, y: { label: 'loss' } },
      panels: [{ series: [{ label: 'a < b', points: [{ x: 0, y: 1 }] }] }],
    });
  const parts = ['first', 'second'].map((title) => ({ kind: 'figure' as const, svg: draw(title) }));
  const page = renderPage({ title: 'second', sections: [{ title: 'second', parts }] });
  expect(figureInPage(page, 'second')).toBe(draw('second'));
  expect(figureInPage(page, 'third')).toBeUndefined();
});
