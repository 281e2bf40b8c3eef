import { Mt19937 } from '@ntk-lens/core';
import { expect, test } from 'vitest';
import { BufferPool } from './buffer-pool.js';

const MIB = 2 ** 20;

test('a buffer that was given back is used again for the same size, and only once', () => {
  const pool = new BufferPool();
  const first = pool.take(2 * MIB);
  pool.giveBack(first);
  pool.giveBack(first);
  expect(pool.take(2 * MIB)).toBe(first);
  expect(pool.take(2 * MIB)).not.toBe(first);
});

test('one that is not from the pool is left alone', () => {
  const pool = new BufferPool();
  const foreign = new ArrayBuffer(64);
  pool.giveBack(foreign);
  expect(pool.take(64)).not.toBe(foreign);
});

test('buffers that wait make room: large ones are freed at once, those used longest ago first', () => {
  const pool = new BufferPool(0);
  const [a, b, c] = [pool.take(MIB / 2), pool.take(2 * MIB), pool.take(8 * MIB)];
  pool.giveBack(b);
  pool.giveBack(a);
  pool.take(MIB);
  expect([a.byteLength, b.byteLength, c.byteLength]).toEqual([MIB / 2, 0, 8 * MIB]);
});

test('work that repeats finds its buffers again; those that it does not need make room', () => {
  const pool = new BufferPool(0);
  const held = Array.from({ length: 20 }, () => pool.take(3 * MIB));
  for (const buffer of held.slice(1)) pool.giveBack(buffer);
  const run = (size: number): ArrayBuffer => {
    const buffer = pool.take(size * MIB);
    pool.giveBack(buffer);
    return buffer;
  };
  // Two kinds of work by turns. One buffer of 3 MiB is enough for both, and the others that wait are never needed.
  const rounds = Array.from({ length: 5 }, () => [1, 2, 3, 1.5, 2.5, 3].map(run));
  for (const round of rounds) expect(round).toEqual(rounds[0]);
  expect(rounds[0]!.every((buffer) => buffer.byteLength > 0)).toBe(true);
});

test('a buffer that is a little larger does as well, where the peak stays what it was', () => {
  const pool = new BufferPool(0);
  const [wide, close, other] = [6, 5, 9].map((size) => pool.take(size * MIB));
  pool.giveBack(wide!);
  pool.giveBack(close!);
  // The smallest that is large enough: 6 MiB would be more than a quarter too large for 4.
  const first = pool.take(4 * MIB);
  expect(first).toBe(close);
  expect(pool.take(4 * MIB)).toBe(wide);
  expect([first.byteLength, wide!.byteLength]).toEqual([5 * MIB, 4 * MIB]);
  pool.giveBack(other!);
  expect(pool.take(9 * MIB - 4)).toBe(other);
  const full = new BufferPool(0);
  const [large] = [full.take(5 * MIB), full.take(5 * MIB)];
  full.giveBack(large);
  full.take(MIB);
  // With the larger one 11 MiB would be in use, with its own 10.5.
  expect(full.take(4.5 * MIB)).not.toBe(large);
  expect(large.byteLength).toBe(0);
});

test('one that waits is resized for another size, up to twice its first, or down to two thirds', () => {
  const pool = new BufferPool();
  const buffer = pool.take(4 * MIB);
  pool.giveBack(buffer);
  for (const size of [7, 8, 6, 4, 3]) {
    expect(pool.take(size * MIB)).toBe(buffer);
    expect(buffer.byteLength).toBeGreaterThanOrEqual(size * MIB);
    expect(buffer.byteLength).toBeLessThanOrEqual(1.25 * size * MIB);
    pool.giveBack(buffer);
  }
  const own = [pool.take(9 * MIB), pool.take(1.5 * MIB)];
  expect(own).not.toContain(buffer);
  // Of two that wait, it is the one with less to change.
  expect(pool.take(3 * MIB)).toBe(buffer);
  const other = pool.take(5.75 * MIB);
  for (const used of [buffer, other]) pool.giveBack(used);
  expect(pool.take(4.5 * MIB)).toBe(other);
  expect([buffer.byteLength, other.byteLength]).toEqual([3 * MIB, 4.5 * MIB]);
});

test('of all buffers in use together at most 64 MiB are more than was asked for', () => {
  const pool = new BufferPool(0);
  const buffers = Array.from({ length: 8 }, () => pool.take(100 * MIB));
  pool.take(MIB);
  for (const buffer of buffers) pool.giveBack(buffer);
  const taken = buffers.map(() => pool.take(80 * MIB).byteLength / MIB);
  expect(taken).toEqual([100, 100, 100, 80, 80, 80, 80, 80]);
});

test('once nothing is in use, no more than 256 MiB wait', () => {
  const pool = new BufferPool();
  const buffers = [100, 110, 120].map((size) => pool.take(size * MIB));
  for (const buffer of buffers.slice(1)) pool.giveBack(buffer);
  expect(total(buffers)).toBe(330 * MIB);
  pool.giveBack(buffers[0]!);
  expect(buffers.map(({ byteLength }) => byteLength / MIB)).toEqual([100, 0, 120]);
});

test('up to 256 MiB wait however little was in use at once', () => {
  const pool = new BufferPool();
  const buffers = [30, 70, 150, 12].map((size) => {
    const buffer = pool.take(size * MIB);
    pool.giveBack(buffer);
    return buffer;
  });
  expect(buffers.map(({ byteLength }) => byteLength / MIB)).toEqual([0, 70, 150, 12]);
});

test('whatever is taken and given back, buffers take no more memory than those in use once did', () => {
  const random = new Mt19937(3);
  const pool = new BufferPool(0);
  const used = new Set<ArrayBuffer>();
  const all = new Set<ArrayBuffer>();
  let peak = 0;
  for (let step = 0; step < 2000; step++) {
    if (used.size > 0 && random.randomSample() < 0.5) {
      const buffer = [...used][Math.floor(random.randomSample() * used.size)]!;
      used.delete(buffer);
      pool.giveBack(buffer);
    } else {
      const bytes = MIB + 4096 * Math.floor(random.randomSample() * 20);
      const buffer = pool.take(bytes);
      expect(buffer.byteLength).toBeGreaterThanOrEqual(bytes);
      expect(buffer.byteLength).toBeLessThanOrEqual(bytes * 1.25);
      expect(used.has(buffer)).toBe(false);
      used.add(buffer);
      all.add(buffer);
      peak = Math.max(peak, total(used));
    }
    expect(total(all)).toBeLessThanOrEqual(peak);
  }
  expect(all.size).toBeGreaterThan(used.size);
});

const total = (buffers: Iterable<ArrayBuffer>): number =>
  [...buffers].reduce((sum, { byteLength }) => sum + byteLength, 0);
