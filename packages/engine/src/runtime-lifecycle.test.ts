import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { BadArgumentError } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import { afterEach, describe, expect, test } from 'vitest';
import {
  BadProgramInputError,
  ProgramFailedError,
  RuntimeStoppedError,
  RuntimeUnavailableError,
  TensorNotResidentError,
} from './errors.js';
import { createRuntime } from './node/create-runtime.js';
import type { Program } from './program.js';
import type { Runtime } from './runtime.js';
import type { RuntimeName } from './runtime-names.js';
import type { RuntimeOptions } from './runtime-options.js';

const runtimes: Runtime[] = [];
const open = async (options: RuntimeOptions): Promise<Runtime> => {
  const runtime = await createRuntime({ threads: 2, ...options });
  runtimes.push(runtime);
  return runtime;
};
afterEach(async () => {
  for (const runtime of runtimes.splice(0)) await runtime.close();
});

const vector = (n: number) => ({ dtype: 'float32', shape: [n], data: new Float32Array(n).fill(2) }) as const;
const program = (build: Program['build'], n = 3, name = 'vector'): Program => ({
  name,
  inputs: { x: { dtype: 'float32', shape: [n] } },
  build,
});
const square = program(({ x }) => ({ y: tf.square(x!) }), 3, 'square');

describe.each<RuntimeName>(['ort-cpu', 'tfjs-cpu'])('%s', (runtime) => {
  test('refuses inputs that are missing, unknown, released, foreign or of another shape', async () => {
    const here = await open({ runtime });
    const there = await open({ runtime });
    const [x, longer, foreign, gone] = [
      await here.upload(vector(3)),
      await here.upload(vector(4)),
      await there.upload(vector(3)),
      await here.upload(vector(3)),
    ];
    here.release([gone]);
    const refusal = async (inputs: Parameters<Runtime['run']>[1]) => {
      const error = await here.run(square, inputs).then(
        () => undefined,
        (reason: unknown) => reason,
      );
      expect(error).toBeInstanceOf(BadProgramInputError);
      return (error as Error).message;
    };
    expect(await refusal({})).toBe('Program "square", input "x": found nothing, expected shape [3].');
    expect(await refusal({ x: longer })).toMatch(/found shape \[4\], expected \[3\]/);
    expect(await refusal({ x, w: longer })).toMatch(/input "w": found a tensor, expected one of x/);
    expect(await refusal({ x: foreign })).toMatch(/belongs to another runtime/);
    expect(await refusal({ x: gone })).toMatch(/was released/);
    await expect(here.download(gone)).rejects.toBeInstanceOf(TensorNotResidentError);
    await expect(here.download(foreign)).rejects.toBeInstanceOf(TensorNotResidentError);
  });

  test('counts the bytes that are resident and frees what is released', async () => {
    const here = await open({ runtime });
    const x = await here.upload(vector(3));
    expect(here.residentBytes).toBe(12);
    const results = await here.run(
      program(({ x }) => ({ wide: tf.tile(x!, [4]), mask: tf.greater(x!, 0) })),
      { x },
    );
    expect(here.residentBytes).toBe(12 + 48 + 3);
    here.release([x, x, results['wide']!]);
    expect(here.residentBytes).toBe(3);
    here.release(Object.values(results));
    expect(here.residentBytes).toBe(0);
    await here.compute(square, { x: await here.upload(vector(3)) });
    expect(here.residentBytes).toBe(12);
  });

  test('names the program that cannot run, keeps nothing of it, and goes on', async () => {
    const here = await open({ runtime });
    const x = await here.upload(vector(3));
    const broken = program(
      ({ x }) => ({ y: tf.matMul(x!.reshape([3, 1]), x!.reshape([3, 1])) }),
      3,
      'broken product',
    );
    for (let i = 0; i < 2; i++) {
      const error = await here.run(broken, { x }).catch((reason: unknown) => reason);
      expect(error).toBeInstanceOf(ProgramFailedError);
      expect((error as Error).message).toMatch(
        new RegExp(`^Program "broken product" failed on ${runtime}: .*inner shapes`),
      );
    }
    expect(here.residentBytes).toBe(12);
    expect([...(await here.compute(square, { x }))['y']!.data]).toEqual([4, 4, 4]);
  });

  test('is gone after it was closed', async () => {
    const here = await open({ runtime });
    const x = await here.upload(vector(3));
    await here.close();
    await here.close();
    await expect(here.upload(vector(3))).rejects.toThrow(RuntimeStoppedError);
    await expect(here.download(x)).rejects.toThrow(RuntimeStoppedError);
    await expect(here.run(square, { x })).rejects.toThrow(RuntimeStoppedError);
    here.release([x]);
  });
});

test('what fails inside ONNX Runtime names the program, and the program is tried again', async () => {
  const runtime = await open({ runtime: 'ort-cpu' });
  const x = await runtime.upload(vector(3));
  const beyond = program(
    ({ x }) => ({ y: tf.gather(x!, tf.tensor1d([7, 8], 'int32')) }),
    3,
    'beyond the end',
  );
  for (let i = 0; i < 2; i++) {
    const error = await runtime.compute(beyond, { x }).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ProgramFailedError);
    expect((error as Error).message).toMatch(/^Program "beyond the end" failed on ort-cpu: /);
  }
  expect([...(await runtime.compute(square, { x }))['y']!.data]).toEqual([4, 4, 4]);
});

test('a runtime closed while it runs fails that run, and nothing else', async () => {
  const runtime = await open({ runtime: 'ort-cpu' });
  const n = 512;
  const a = await runtime.upload({
    dtype: 'float32',
    shape: [n, n],
    data: new Float32Array(n * n).fill(1e-3),
  });
  const long: Program = {
    name: 'long',
    inputs: { a: { dtype: 'float32', shape: [n, n] } },
    build: ({ a }) => {
      let y = a!;
      for (let i = 0; i < 40; i++) y = tf.matMul(y as tf.Tensor2D, a as tf.Tensor2D);
      return { y };
    },
  };
  const failures = [runtime.run(long, { a }), runtime.compute(long, { a })].map((work) =>
    work.catch((reason: unknown) => reason),
  );
  await runtime.close();
  for (const failure of await Promise.all(failures)) {
    expect(failure).toBeInstanceOf(ProgramFailedError);
    expect((failure as Error).cause).toBeInstanceOf(RuntimeStoppedError);
    expect((failure as Error).message).toMatch(/"long" failed on ort-cpu: .*was closed/);
  }
  expect(runtime.residentBytes).toBe(0);
});

test.each([0, 1000])(
  'a bounded number of compiled programs is kept, and dropped ones come back: %i bytes of work memory',
  async (keepWorkspace) => {
    const runtime = await open({ runtime: 'ort-cpu', compiledPrograms: 2 });
    const sizes = [1, 2, 3, 4, 1, 2, 3, 4];
    const results = await Promise.all(
      sizes.map(async (n) => {
        const x = await runtime.upload(vector(n));
        const { y } = await runtime.compute(
          { ...program(({ x }) => ({ y: tf.sum(x!) }), n, 'sum'), keepWorkspace },
          { x },
        );
        return y!.data[0];
      }),
    );
    expect(results).toEqual(sizes.map((n) => 2 * n));
  },
);

test.each([1, 2, 3])('%i threads multiply integers exactly and repeat to the last bit', async (threads) => {
  const runtime = await open({ runtime: 'ort-cpu', threads });
  const [n, k] = [96, 200];
  const data = Float32Array.from({ length: n * k }, (_, i) => ((i * 2654435761) % 17) - 8);
  const ids = Int32Array.from({ length: n }, (_, i) => (i * i) % 5);
  const inputs = {
    x: await runtime.upload({ dtype: 'float32', shape: [n, k], data: data.slice() }),
    ids: await runtime.upload({ dtype: 'int32', shape: [n], data: ids.slice() }),
  };
  const products: Program = {
    name: 'products',
    inputs: { x: { dtype: 'float32', shape: [n, k] }, ids: { dtype: 'int32', shape: [n] } },
    build: ({ x, ids }) => ({
      gram: tf.matMul(x as tf.Tensor2D, x as tf.Tensor2D, false, true),
      segments: tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, 5),
      rounded: tf.softmax(tf.matMul(x!.mul(0.37) as tf.Tensor2D, x!.exp() as tf.Tensor2D, false, true)),
    }),
  };
  const results = await runtime.compute(products, inputs);
  for (let i = 0; i < 5; i++) expect(await runtime.compute(products, inputs)).toEqual(results);
  const row = (i: number) => data.subarray(i * k, (i + 1) * k);
  const gram = Float32Array.from({ length: n * n }, (_, ij) =>
    row(Math.floor(ij / n)).reduce((sum, value, j) => sum + value * row(ij % n)[j]!, 0),
  );
  expect(results['gram']!.data).toEqual(gram);
  const segments = new Float32Array(5 * k);
  for (let i = 0; i < n; i++) for (let j = 0; j < k; j++) segments[ids[i]! * k + j]! += row(i)[j]!;
  expect(results['segments']!.data).toEqual(segments);
});

test('threads lose nothing of sums over many equal segment ids', async () => {
  const runtime = await open({ runtime: 'ort-cpu', threads: 2 });
  const [n, width, segments] = [20_000, 64, 2];
  const inputs = {
    x: await runtime.upload({
      dtype: 'float32',
      shape: [n, width],
      data: new Float32Array(n * width).fill(1),
    }),
    ids: await runtime.upload({
      dtype: 'int32',
      shape: [n],
      data: Int32Array.from({ length: n }, (_, i) => i % 2),
    }),
  };
  const sums: Program = {
    name: 'segments',
    inputs: { x: { dtype: 'float32', shape: [n, width] }, ids: { dtype: 'int32', shape: [n] } },
    build: ({ x, ids }) => ({ y: tf.unsortedSegmentSum(x!, ids as tf.Tensor1D, segments) }),
  };
  for (let i = 0; i < 10; i++) {
    const { y } = await runtime.compute(sums, inputs);
    expect(new Set(y!.data)).toEqual(new Set([n / segments]));
  }
});

test('an unclosed runtime does not keep the process alive, and a long command line does not end it', async () => {
  const script = fileURLToPath(new URL('./testing/unclosed-runtime.ts', import.meta.url));
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', 'tsx', '--conditions=@ntk-lens/source', script, ...Array(10).fill('x'.repeat(100_000))],
    { timeout: 60_000 },
  );
  expect(stdout).toBe('computed 1 number on ort-cpu\n');
});

test('options that make no sense are refused before anything is loaded', async () => {
  await expect(createRuntime({ threads: 0 })).rejects.toBeInstanceOf(BadArgumentError);
  await expect(createRuntime({ threads: 1.5 })).rejects.toBeInstanceOf(BadArgumentError);
  await expect(createRuntime({ runtime: 'ort-cpu', compiledPrograms: 0 })).rejects.toBeInstanceOf(
    BadArgumentError,
  );
  const error = await createRuntime({ runtime: 'abacus' as RuntimeName }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(RuntimeUnavailableError);
  expect((error as Error).message).toMatch(/"abacus".*no such runtime.*ort-cpu, .*tfjs-cpu/);
});
