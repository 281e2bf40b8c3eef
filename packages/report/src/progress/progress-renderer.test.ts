import fc from 'fast-check';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { durationText } from './duration.js';
import { createProgressRenderer, type ProgressOptions } from './progress-renderer.js';

const record = (options: Partial<ProgressOptions> & { columns?: number } = {}) => {
  const clock = { time: 0 };
  let written = '';
  const stream = { write: (text: string) => (written += text), isTTY: false, columns: options.columns };
  const renderer = createProgressRenderer({ stream, now: () => clock.time, ...options });
  return { clock, renderer, text: () => written, lines: () => written.split('\n').slice(0, -1) };
};

describe('log lines', () => {
  it('come at the start, at most every 10 s, and at the end of a phase', () => {
    const { clock, renderer, lines } = record();
    for (let done = 0; done <= 100; done++) {
      clock.time = done * 250;
      renderer.onProgress({ phase: 'features', done, total: 100, unit: 'examples' });
    }
    renderer.finish();
    expect(lines()).toEqual([
      '  features  0%  0/100 examples',
      '  features  40%  40/100 examples  4.0 examples/s  15 s left',
      '  features  80%  80/100 examples  4.0 examples/s  5.0 s left',
      '✓ features  100/100 examples  4.0 examples/s  25 s',
    ]);
  });
  it('end one phase when the next begins, and do not call a failed one done', () => {
    const { renderer, lines } = record();
    renderer.onProgress({ phase: 'load', done: 1, total: 1 });
    renderer.onProgress({ phase: 'solve', done: 0, total: 4 });
    renderer.finish(true);
    expect(lines().filter((line) => !line.startsWith(' '))).toEqual([
      '✓ load  1/1  0.0 s',
      '■ solve  0%  0/4  0.0 s',
    ]);
  });
  it('count the rate from what was already done when the phase began', () => {
    const { clock, renderer, lines } = record();
    renderer.onProgress({ phase: 'tiles', done: 90, total: 100, unit: 'tiles' });
    clock.time = 10_000;
    renderer.onProgress({ phase: 'tiles', done: 95, total: 100, unit: 'tiles' });
    expect(lines().at(-1)).toBe('  tiles  95%  95/100 tiles  0.50 tiles/s  10 s left');
  });
});

describe('bar', () => {
  it('never is wider than the terminal, and is redrawn in place until its phase ends', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10, max: 120 }),
        fc.string({ unit: 'binary', maxLength: 60 }),
        (columns, phase) => {
          const { clock, renderer, text } = record({ mode: 'bar', color: true, columns });
          for (let done = 0; done <= 5; done++) {
            clock.time += 300;
            renderer.onProgress({ phase, done, total: 5, unit: 'examples', detail: phase });
          }
          renderer.finish();
          expect(text().split('\n')).toHaveLength(2);
          for (const drawn of text().trimEnd().split('\r').slice(1)) {
            expect(stringWidth(drawn)).toBeLessThan(columns);
            expect(drawn.endsWith('\u001b[K')).toBe(true);
          }
        },
      ),
    );
  });
  it('erases a phase that took less than a second, and keeps one that failed', () => {
    const { clock, renderer, text } = record({ mode: 'bar' });
    renderer.onProgress({ phase: 'weights', done: 0, total: 1 });
    clock.time = 999;
    renderer.finish();
    expect(text().endsWith('\r\u001b[K')).toBe(true);
    expect(text()).not.toContain('\n');
    renderer.onProgress({ phase: 'solve', done: 0, total: 1 });
    renderer.finish(true);
    expect(text()).toMatch(/■ solve.*\n$/);
  });
  it('lets a message through without tearing', () => {
    const { renderer, text } = record({ mode: 'bar' });
    renderer.onProgress({ phase: 'solve', done: 1, total: 2 });
    renderer.log('note');
    expect(text()).toContain('\rnote\u001b[K\n\r');
  });
});

it('JSON lines are one object each, with the event and the remaining time', () => {
  const { clock, renderer, lines } = record({ mode: 'json' });
  renderer.onProgress({ phase: 'features', done: 0, total: 10, unit: 'examples' });
  clock.time = 1000;
  renderer.onProgress({ phase: 'features', done: 4, total: 10, unit: 'examples' });
  renderer.log('a\nb');
  renderer.finish();
  expect(lines().map((line) => JSON.parse(line))).toEqual([
    { type: 'progress', phase: 'features', done: 0, total: 10, unit: 'examples', seconds: 0 },
    {
      type: 'progress',
      phase: 'features',
      done: 4,
      total: 10,
      unit: 'examples',
      seconds: 1,
      etaSeconds: 1.5,
    },
    { type: 'log', message: 'a\nb' },
    { type: 'progress', phase: 'features', done: 4, total: 10, unit: 'examples', seconds: 1, ended: true },
  ]);
});

it('silent writes nothing', () => {
  const { renderer, text } = record({ mode: 'silent' });
  renderer.onProgress({ phase: 'x', done: 1 });
  renderer.log('y');
  renderer.finish();
  expect(text()).toBe('');
});

it('durations read as people say them', () => {
  expect([0.42, 42.4, 59.7, 185, 7800, Number.NaN].map(durationText)).toEqual([
    '0.4 s',
    '42 s',
    '1 min 00 s',
    '3 min 05 s',
    '2 h 10 min',
    '–',
  ]);
});
