import { expect, it } from 'vitest';
import { accuracyChart, intervalNotes, type MethodResult } from './accuracy-chart.js';

const draw = (metric: string, ...methods: readonly MethodResult[]) =>
  accuracyChart({ title: 'sentiment', metric, testExamples: 200, methods });

it('an accuracy has a 95 % interval over test examples, several seeds a standard deviation too, and the caption says so', () => {
  const one = draw('accuracy', { label: 'SGD kernel', kind: 'kernel', values: [0.705] });
  expect(one).toContain('>70.5 (63.8 … 76.4)<');
  expect(one).toContain('>thin: 95 % Wilson interval over 200 test examples<');
  const two = draw('accuracy', { label: 'SGD kernel', kind: 'kernel', values: [0.7, 0.71] });
  expect(two).toContain('>70.5 ± 0.5 (63.8 … 76.4)<');
  expect(two).toContain('test examples; thick: ± one standard deviation over 2 seeds<');
});

it('other metrics have no interval over examples', () => {
  const svg = draw('f1', { label: 'SGD kernel', kind: 'kernel', values: [0.705] });
  expect(svg).toContain('>70.5<');
  expect(svg).not.toContain('Wilson');
  expect(intervalNotes('f1', [0.705], 200)).toEqual([]);
});

it('a kind of method has its colour and mark, whatever others stand beside it, and no two kinds share them', () => {
  const kinds = ['kernel', 'zero-shot', 'majority', 'linearized', 'fine-tuned'] as const;
  const markOf = (svg: string) => [...svg.matchAll(/<path d="(M[^"]*)" transform="[^"]*" fill="([^"]*)"/g)];
  const alone = kinds.map((kind) => markOf(draw('accuracy', { label: '', kind, values: [0.5] }))[0]!);
  const together = markOf(draw('accuracy', ...kinds.map((kind) => ({ label: '', kind, values: [0.5] }))));
  for (const part of [1, 2]) {
    expect(together.map((mark) => mark[part])).toEqual(alone.map((mark) => mark[part]));
    expect(new Set(together.map((mark) => mark[part])).size).toBe(kinds.length);
  }
});

it('a table says how wide the widest of its intervals is', () => {
  expect(intervalNotes('accuracy', [0.5, 0.62, 0.705], 200)).toEqual([
    '95 % intervals over the 200 test examples (Wilson): up to ± 6.9 points',
  ]);
});
