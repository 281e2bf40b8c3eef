import * as tf from '@ntk-lens/tfjs';
import { expect, test } from 'vitest';
import type { Program } from '../program.js';
import { compileOnce } from './compile-once.js';

const target = { slicing: true, integers: true };
let traced = 0;
const counted = (identity: string | undefined, length = 3): Program => ({
  name: 'counted',
  identity,
  inputs: { x: { dtype: 'float32', shape: [length] } },
  build: ({ x }) => {
    traced++;
    return { y: tf.square(x!) };
  },
});
const tracesOf = (program: Program, strengths = target): number => {
  const before = traced;
  compileOnce(program, strengths);
  return traced - before;
};

test('a program is traced once for each identity, shape and target; one without an identity each time', () => {
  expect(tracesOf(counted('square'))).toBe(1);
  expect(tracesOf(counted('square'))).toBe(0);
  expect(tracesOf(counted('square', 4))).toBe(1);
  expect(tracesOf(counted('another'))).toBe(1);
  expect(tracesOf(counted('square'), { ...target, integers: false })).toBe(1);
  expect(tracesOf(counted(undefined))).toBe(1);
  expect(tracesOf(counted(undefined))).toBe(1);
});

test('a model that was handed to another thread is there for the next runtime', () => {
  const first = compileOnce(counted('handed over'), target).model;
  const bytes = [...first];
  structuredClone(first, { transfer: [first.buffer] });
  expect(first.byteLength).toBe(0);
  expect([...compileOnce(counted('handed over'), target).model]).toEqual(bytes);
});
