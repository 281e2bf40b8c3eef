import { expect, it } from 'vitest';
import { byTurns, middle } from './by-turns.js';

it('measures all sides in every turn, each side first as often as the other, and leaves out the warm-up', async () => {
  const order: string[] = [];
  const side = (name: string) => async (turn: number) => {
    order.push(`${name}${turn}`);
    return turn;
  };
  const turns = await byTurns({ a: side('a'), b: side('b') }, { turns: 2, warmUp: true });
  expect(turns).toEqual([
    { a: 0, b: 0 },
    { a: 1, b: 1 },
  ]);
  expect(order).toEqual(['b-1', 'a-1', 'a0', 'b0', 'b1', 'a1']);
});

it('takes the element in the middle, the smaller of two', () => {
  expect(middle([3, 1, 2], (x) => x)).toBe(2);
  expect(middle([4, 1, 2, 3], (x) => x)).toBe(2);
});
