import * as ort from 'onnxruntime-node';
import { expect, test } from 'vitest';
import { encodeModel } from '../../onnx/model-proto.js';
import { createFillingSessions } from './filling-sessions.js';

/** y = −x and z = 2x, for vectors of any size; z divides by an index that is not there where `broken`. */
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

const tensor = (values: readonly number[]) =>
  new ort.Tensor('float32', Float32Array.from(values), [values.length]);
const options = { logSeverityLevel: 4 } as const;

test('all outputs are written into the memory that is given, and no array is made of them', async () => {
  const { create, fill } = createFillingSessions(ort);
  const size = 2 ** 22;
  const session = await create(modelOf(size), options);
  const [x, y, z] = [1, 0, 0].map((first) => {
    const data = new Float32Array(size);
    data[0] = first;
    return new ort.Tensor('float32', data, [size]);
  }) as [ort.Tensor, ort.Tensor, ort.Tensor];
  const before = process.memoryUsage().arrayBuffers;
  await fill(session, { x }, { y, z });
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(4 * size);
  expect([y.data[0], y.data[1], z.data[0]]).toEqual([-1, -0, 2]);
  await session.release();
});

test('a run that fails says why', async () => {
  const { create, fill } = createFillingSessions(ort);
  const session = await create(modelOf(2, true), options);
  const index = new ort.Tensor('int32', Int32Array.of(0, 7), [2]);
  const run = fill(session, { x: tensor([1, 2]), index }, { y: tensor([0, 0]), z: tensor([0, 0]) });
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

test.each([
  [
    'returns sequences',
    async (run: () => Promise<unknown>) => {
      await run().catch(() => {});
    },
  ],
  [
    'refuses sequences before it runs',
    async () => {
      throw new Error('Sequences cannot be fetched.');
    },
  ],
])('outputs are written by a binding that %s', async (_, behave) => {
  const { create, fill } = createFillingSessions(bindingWith(behave) as never);
  const session = await create(modelOf(2), options);
  const [y, z] = [tensor([0, 0]), tensor([0, 0])];
  await fill(session, { x: tensor([1, 2]) }, { y, z });
  expect([...(y.data as Float32Array), ...(z.data as Float32Array)]).toEqual([-1, -2, 2, 4]);
});
