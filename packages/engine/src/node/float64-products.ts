import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { type AddProduct, BadArgumentError, type MatrixProduct } from '@ntk-lens/core';
import type * as Ort from 'onnxruntime-common';
import { ProgramFailedError } from '../errors.js';
import { encodeModel } from '../onnx/model-proto.js';
import { findOnnxRuntime } from './open/find-onnxruntime.js';
import { withoutTelemetry } from './open/without-telemetry.js';
import { createFillingSessions } from './ort/filling-sessions.js';

/** y = c + α a b, with b as it is or transposed, for matrices of all sizes. */
const modelOf = (alpha: number, transposeB: boolean): Uint8Array => {
  const value = (name: string, ...shape: string[]) => ({ name, dtype: 'float64', shape }) as const;
  return encodeModel({
    name: 'float64 product',
    nodes: [
      {
        op: 'Gemm',
        inputs: ['a', 'b', 'c'],
        outputs: ['y'],
        attributes: {
          ...{ transB: transposeB ? 1 : 0, alpha: { float: alpha }, beta: { float: 1 } },
        },
      },
    ],
    initializers: [],
    inputs: [
      value('a', 'rows', 'depth'),
      transposeB ? value('b', 'columns', 'depth') : value('b', 'depth', 'columns'),
      value('c', 'rows', 'columns'),
    ],
    outputs: [value('y', 'rows', 'columns')],
  });
};

const productsWith = (ort: typeof Ort, threads: number): AddProduct => {
  const { create, fill } = createFillingSessions(ort);
  const sessions = new Map<string, Promise<Ort.InferenceSession>>();
  const sessionFor = ({ alpha, transposeB = false }: MatrixProduct): Promise<Ort.InferenceSession> => {
    const key = `${alpha} ${transposeB}`;
    const known =
      sessions.get(key) ??
      create(modelOf(alpha, transposeB), {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        // Matrices of all sizes come by: memory for each would be kept.
        enableCpuMemArena: false,
        enableMemPattern: false,
        logSeverityLevel: 4,
        extra: { session: { intra_op: { allow_spinning: '0' } } },
      });
    sessions.set(key, known);
    return known;
  };
  return async (product) => {
    const { c, a, b, rows, columns, depth, transposeB } = product;
    if (rows === 0 || columns === 0 || depth === 0) return;
    const matrix = (data: Float64Array, ...shape: number[]) => new ort.Tensor('float64', data, shape);
    const sum = matrix(c, rows, columns);
    try {
      const session = await sessionFor(product);
      const inputs = {
        a: matrix(a, rows, depth),
        b: transposeB ? matrix(b, columns, depth) : matrix(b, depth, columns),
        c: sum,
      };
      // The result takes the place of C: the operator adds to a copy of it, which is then a copy onto itself.
      await fill(session, inputs, { y: sum });
    } catch (cause) {
      throw new ProgramFailedError('float64 product', 'ort-cpu', (cause as Error).message, { cause });
    }
  };
};

/** Throws unless C + A B, C − A Bᵀ and the like come out right, in place. */
const tryOut = async (addProduct: AddProduct): Promise<void> => {
  const c = Float64Array.of(1, 1, 1, 1);
  const [a, b] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6, 7, 8)];
  for (const way of [
    { alpha: 1, transposeB: true },
    { alpha: 1 },
    { alpha: -1, transposeB: true },
  ] as const) {
    await addProduct({ c, a, b, rows: 2, columns: 2, depth: 2, ...way });
  }
  const expected = '20,23,44,51';
  if (String(c) !== expected) throw new Error(`it computed [${c}] for [${expected}].`);
};

/**
 * Products of float64 matrices on ONNX Runtime, for the solvers. They run on the thread of the caller, one product at
 * a time: a matrix that another thread multiplied would have to be copied there and back. ONNX Runtime takes arrays as
 * they are, and adds threads of its own.
 *
 * @param threads Default: the cores that this process may use. With the same number, results are the same to the last bit
 * @returns undefined where there is no ONNX Runtime, or one that cannot be loaded
 * @example
 * ```ts
 * const addProduct = await openFloat64Products();
 * await solver.fit(train, { addProduct });
 * ```
 * @throws BadArgumentError if `threads` is not a positive integer
 */
export const openFloat64Products = async (
  threads = availableParallelism(),
): Promise<AddProduct | undefined> => {
  if (!Number.isSafeInteger(threads) || threads < 1) {
    throw new BadArgumentError('threads', threads, 'a positive integer');
  }
  const library = findOnnxRuntime();
  if (!library) return undefined;
  withoutTelemetry();
  try {
    const ort = createRequire(import.meta.url)(library.folder) as typeof Ort;
    const addProduct = productsWith(ort, threads);
    await tryOut(addProduct);
    return addProduct;
  } catch {
    // The same libraries that runtimes do without where they cannot be loaded.
    return undefined;
  }
};
