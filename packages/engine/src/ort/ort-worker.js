// @ts-check
// Runs ONNX Runtime on a thread of its own: `session.run` blocks the thread it is called on, and progress
// and Ctrl-C must stay alive. Plain JavaScript, so that Node can start it from the sources without a build.
import { parentPort, workerData } from 'node:worker_threads';
import * as ort from 'onnxruntime-node';

/** @typedef {{ id: number, method: 'compile' | 'upload' | 'download' | 'run', args: any[] }} Request */

const { executionProvider, threads } = workerData;

/** @type {Map<string, ort.InferenceSession>} */
const sessions = new Map();
/** @type {Map<number, ort.Tensor>} */
const tensors = new Map();

const methods = {
  /** @param {string} key @param {Uint8Array} model */
  async compile(key, model) {
    const session = await ort.InferenceSession.create(model, {
      executionProviders: [executionProvider],
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      executionMode: 'sequential',
      graphOptimizationLevel: 'all',
      logSeverityLevel: 3,
    });
    sessions.set(key, session);
  },

  /** @param {number} tensor @param {'float32' | 'int32'} dtype @param {readonly number[]} shape @param {any} data */
  upload(tensor, dtype, shape, data) {
    tensors.set(tensor, new ort.Tensor(dtype, data, shape));
  },

  /** @param {number} tensor */
  download(tensor) {
    const value = require_(tensor);
    return { dtype: value.type, shape: [...value.dims], data: value.data };
  },

  /** @param {string} key @param {Record<string, number>} inputs @param {Record<string, number>} outputs */
  async run(key, inputs, outputs) {
    const session = sessions.get(key);
    if (!session) throw new Error(`Program ${key} is not compiled.`);
    /** @type {Record<string, ort.Tensor>} */
    const feeds = {};
    // A traced program may not need every declared input.
    for (const name of session.inputNames) feeds[name] = require_(/** @type {number} */ (inputs[name]));
    const results = await session.run(feeds);
    /** @type {Record<string, readonly number[]>} */
    const shapes = {};
    for (const [name, tensor] of Object.entries(outputs)) {
      const value = /** @type {ort.Tensor} */ (results[name]);
      tensors.set(tensor, value);
      shapes[name] = value.dims;
    }
    return shapes;
  },
};

/** @param {number} tensor */
const require_ = (tensor) => {
  const value = tensors.get(tensor);
  if (!value) throw new Error(`Tensor ${tensor} was released.`);
  return value;
};

// Requests run one after another, in the order in which they came.
let queue = Promise.resolve();
parentPort?.on('message', (/** @type {Request | { release: number[] }} */ message) => {
  queue = queue.then(async () => {
    if ('release' in message) {
      for (const tensor of message.release) tensors.delete(tensor);
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
