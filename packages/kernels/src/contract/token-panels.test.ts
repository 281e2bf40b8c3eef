import { expect, test } from 'vitest';
import { packTokens } from './token-panels.js';

test('puts the longest first, each into the fullest panel that has room', () => {
  expect(packTokens([5, 3, 6, 2], 8)).toEqual({
    length: 8,
    panels: [
      [2, 3],
      [0, 1],
    ],
  });
});

test('a panel is at least as long as the longest example', () => {
  expect(packTokens([100], 16)).toEqual({ length: 104, panels: [[0]] });
  expect(packTokens([100, 1, 1], 16).length).toBe(104);
});

test('every example is in one panel, none overflows, and little is filling', () => {
  let state = 1;
  const random = (most: number) => {
    state = (Math.imul(state, 48271) >>> 0) % 2147483647;
    return 1 + (state % most);
  };
  for (let round = 0; round < 200; round++) {
    const lengths = Array.from({ length: random(90) }, () => random(60));
    const most = 64 + random(1000);
    const { length, panels } = packTokens(lengths, most);
    expect(panels.flat().sort((a, b) => a - b)).toEqual([...lengths.keys()]);
    const used = panels.map((panel) => panel.reduce((sum, i) => sum + lengths[i]!, 0));
    expect(Math.max(...used)).toBeLessThanOrEqual(length);
    const total = used.reduce((a, b) => a + b, 0);
    expect(length * Math.ceil(total / most) - total).toBeLessThanOrEqual(Math.ceil(total / most) * 68);
  }
});
