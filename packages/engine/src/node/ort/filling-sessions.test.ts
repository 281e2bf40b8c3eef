import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { encodeModel } from '../../onnx/model-proto.js';
import { createFillingSessions } from './filling-sessions.js';

/** y = −x and z = 2x, for vectors of so many numbers; a `broken` one looks z up in x by an index that x may not have. */
const modelOf = (size: number, broken = false): Uint8Array => {
  const value = (name: string) => ({ name, dtype: 'float32', shape: [size] }) as const;
  return encodeModel({
    name: 'test',
    nodes: [
      { op: 'Neg', inputs: ['x'], outputs: ['y'] },
      broken
        ? { op: 'Gather', inputs: ['x', 'index'], outputs: ['z'] }
        : { op: 'Add', inputs: ['x', 'x'], outputs: ['z'] },
    ],
    initializers: [],
    inputs: [value('x'), ...(broken ? [{ name: 'index', dtype: 'int32', shape: [size] } as const] : [])],
    outputs: [value('y'), value('z')],
  });
};

/** Sizes on both sides of that from which outputs are not worth a copy. */
const sizes = [2, 2 ** 16];

/** A vector that begins with two numbers. */
const vector = (size: number, first = 0, second = 0): ort.Tensor => {
  const data = new Float32Array(size);
  data.set([first, second]);
  return new ort.Tensor('float32', data, [size]);
};
const beginning = ({ data }: ort.Tensor) => [...(data as Float32Array).subarray(0, 2)];
const options = { logSeverityLevel: 4 } as const;

test('outputs are written into the memory that is given, and no array is made of large ones', async () => {
  const { create, fill } = createFillingSessions(ort);
  const size = 2 ** 22;
  const session = await create(modelOf(size), options);
  const [x, y, z] = [vector(size, 1, 2), vector(size), vector(size)];
  const before = process.memoryUsage().arrayBuffers;
  await fill(session, { x }, { y, z });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * size);
  expect([beginning(y), beginning(z)]).toEqual([
    [-1, -2],
    [2, 4],
  ]);
  await session.release();
});

test.each(sizes)('a run of %i numbers that fails says why', async (size) => {
  const { create, fill } = createFillingSessions(ort);
  const session = await create(modelOf(size, true), options);
  const index = new ort.Tensor('int32', new Int32Array(size).fill(size), [size]);
  const run = fill(session, { x: vector(size, 1, 2), index }, { y: vector(size), z: vector(size) });
  await expect(run).rejects.toThrow(/Gather/);
  await session.release();
});

/** A binding like the one that is installed, but for what it does with an output that is a sequence. */
const bindingWith = (behave: (run: () => Promise<unknown>) => Promise<unknown>) => ({
  Tensor: ort.Tensor,
  InferenceSession: {
    create: async (model: Uint8Array, given: ort.InferenceSession.SessionOptions) => {
      const session = await ort.InferenceSession.create(model, given);
      return {
        release: () => session.release(),
        run: (feeds: never, fetches: Record<string, unknown>) => {
          const run = () => session.run(feeds, fetches as never);
          return Object.values(fetches).includes(null) ? behave(run) : run();
        },
      };
    },
  },
});

const returnsSequences = (run: () => Promise<unknown>) => run().catch(() => {});
const refusesToRun = async () => {
  throw new Error('Sequences cannot be fetched.');
};

test.each(
  sizes.flatMap((size) => [
    [size, 'is the installed one', ort],
    [size, 'returns sequences', bindingWith(returnsSequences)],
    [size, 'refuses sequences before it runs', bindingWith(refusesToRun)],
  ]),
)('outputs of %i numbers are written by a binding that %s', async (size, _, binding) => {
  const { create, fill } = createFillingSessions(binding as typeof ort);
  const session = await create(modelOf(size as number), options);
  const [y, z] = [vector(size as number), vector(size as number)];
  for (const sign of [1, -1]) {
    await fill(session, { x: vector(size as number, sign, 2) }, { y, z });
    expect([beginning(y), beginning(z)]).toEqual([
      [-sign, -2],
      [2 * sign, 4],
    ]);
  }
  await session.release();
});
