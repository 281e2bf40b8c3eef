// @ts-check
// Runs ONNX Runtime on a thread of its own: `session.run` blocks the thread it is called on, and progress
// and Ctrl-C must stay alive. Plain JavaScript, so that Node can start it from the sources without a build.
import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';

/** @typedef {{ id: number, method: 'compile' | 'upload' | 'download' | 'run' | 'compute', args: any[] }} Request */

const { executionProvider, threads } = workerData;

/**
 * @typedef {{ shape: readonly number[], dtype: 'float32' | 'int32' | 'uint8' | 'bool', itemSize: number }} Output
 * @type {Map<string, { session: ort.InferenceSession, outputs: Record<string, Output> }>}
 */
const programs = new Map();
/** @type {Map<number, ort.Tensor>} */
const tensors = new Map();

// Buffers of released tensors, by size. Outputs are written straight into them, which saves ONNX Runtime's
// copy and the page faults of fresh memory: a fifth of the time of a factor program.
const POOL_BYTES = 512 * 2 ** 20;
/** @type {Map<number, ArrayBuffer[]>} */
const pool = new Map();
let pooledBytes = 0;

/** @param {ort.Tensor} tensor */
const recycle = (tensor) => {
  const { buffer } = /** @type {Uint8Array} */ (tensor.data);
  if (!(buffer instanceof ArrayBuffer) || pooledBytes + buffer.byteLength > POOL_BYTES) return;
  pool.set(buffer.byteLength, [...(pool.get(buffer.byteLength) ?? []), buffer]);
  pooledBytes += buffer.byteLength;
};

/** @param {Output} output */
const allocate = ({ shape, dtype, itemSize }) => {
  const length = shape.reduce((size, n) => size * n, 1);
  const pooled = pool.get(length * itemSize)?.pop();
  if (pooled) pooledBytes -= pooled.byteLength;
  const buffer = pooled ?? new ArrayBuffer(length * itemSize);
  const data =
    dtype === 'float32'
      ? new Float32Array(buffer)
      : dtype === 'int32'
        ? new Int32Array(buffer)
        : new Uint8Array(buffer);
  return new ort.Tensor(/** @type {'float32'} */ (dtype), /** @type {Float32Array} */ (data), shape);
};

/** @param {string} key @param {Record<string, number>} inputs */
const execute = async (key, inputs) => {
  const program = programs.get(key);
  if (!program) throw new Error(`Program ${key} is not compiled.`);
  /** @type {Record<string, ort.Tensor>} */
  const feeds = {};
  // A traced program may not need every declared input.
  for (const name of program.session.inputNames) feeds[name] = tensor(/** @type {number} */ (inputs[name]));
  /** @type {Record<string, ort.Tensor>} */
  const fetches = {};
  for (const [name, output] of Object.entries(program.outputs)) fetches[name] = allocate(output);
  await program.session.run(feeds, fetches);
  return fetches;
};

/** @param {number} id */
const tensor = (id) => {
  const value = tensors.get(id);
  if (!value) throw new Error(`Tensor ${id} was released.`);
  return value;
};

/** @param {ort.Tensor} value */
const toArray = (value) => ({
  dtype: value.type === 'bool' ? 'uint8' : value.type,
  shape: [...value.dims],
  data: value.data,
});

const methods = {
  /** @param {string} key @param {Uint8Array} model @param {Record<string, Output>} outputs */
  async compile(key, model, outputs) {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [executionProvider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
      // Threads that wait by spinning starve whatever else runs on a shared machine.
      extra: { session: { intra_op: { allow_spinning: '0' } } },
    });
    programs.set(key, { session, outputs });
  },

  /** @param {number} id @param {'float32' | 'int32'} dtype @param {readonly number[]} shape @param {any} data */
  upload(id, dtype, shape, data) {
    tensors.set(id, new ort.Tensor(dtype, data, shape));
  },

  /** @param {number} id */
  download: (id) => toArray(tensor(id)),

  /** @param {string} key @param {Record<string, number>} inputs @param {Record<string, number>} outputs */
  async run(key, inputs, outputs) {
    const results = await execute(key, inputs);
    for (const [name, id] of Object.entries(outputs))
      tensors.set(id, /** @type {ort.Tensor} */ (results[name]));
  },

  /** @param {string} key @param {Record<string, number>} inputs */
  async compute(key, inputs) {
    const results = await execute(key, inputs);
    const arrays = Object.fromEntries(Object.entries(results).map(([name, value]) => [name, toArray(value)]));
    for (const value of Object.values(results)) recycle(value);
    return arrays;
  },
};

// Requests run one after another, in the order in which they came.
let queue = Promise.resolve();
parentPort?.on('message', (/** @type {Request | { release: number[] }} */ message) => {
  queue = queue.then(async () => {
    if ('release' in message) {
      for (const id of message.release) {
        const released = tensors.get(id);
        if (released) recycle(released);
        tensors.delete(id);
      }
      return;
    }
    try {
      const result = await /** @type {any} */ (methods)[message.method](...message.args);
      parentPort?.postMessage({ id: message.id, result });
    } catch (error) {
      parentPort?.postMessage({
        id: message.id,
        error: error instanceof Error ? error.message : String(error),
      });
    }
  });
});
