import * as tf from '@ntk-lens/tfjs';
import { expect, test } from 'vitest';
import type { Program } from '../program.js';
import { sameValue } from './same-value.js';
import { trace } from './trace.js';

/** Gradients of (x + y)·z summed: those of x and y are z, that of z is x + y. */
const gradients = ([x, y, z]: readonly tf.Tensor[]): tf.Tensor[] =>
  tf.grads((...all: tf.Tensor[]) => all[0]!.add(all[1]!).mul(all[2]!).sum())([x!, y!, z!]);

test('the gradients of the terms of a sum are one value of the graph', () => {
  const found: boolean[][] = [];
  const note = ([dx, dy, dz]: readonly tf.Tensor[]) => {
    found.push([sameValue(dx!, dy!), sameValue(dx!, dz!)]);
  };
  const spec = { dtype: 'float32', shape: [3] } as const;
  const program: Program = {
    ...{ name: 'gradients', identity: 'gradients', inputs: { x: spec, y: spec, z: spec } },
    build: ({ x, y, z }) => {
      const all = gradients([x!, y!, z!]);
      note(all);
      return { dx: all[0]!, dz: all[2]! };
    },
  };
  trace(program);
  expect(found).toEqual([[true, false]]);
});
