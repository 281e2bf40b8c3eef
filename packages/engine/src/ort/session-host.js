// @ts-check
// Sessions and tensors of ONNX Runtime, wherever it runs: `ort-worker.js` hosts them on a thread of Node, the
// web runtime on its own thread. Plain JavaScript, so that Node can start the worker from the sources without
// a build.

import { BufferPool } from './buffer-pool.js';

/**
 * @typedef {import('onnxruntime-common')} Ort
 * @typedef {import('./session-host.js').HostOptions} HostOptions
 * @typedef {{ shape: readonly number[], modelShape: readonly number[], dtype: 'float32' | 'int32' | 'uint8' | 'bool', itemSize: number }} Output
 * @typedef {import('onnxruntime-common').Tensor} Tensor
 */

/** @param {Ort} ort @param {HostOptions} options */
export const createSessionHost = (ort, { sessionOptions, sameThread }) => {
  /** @type {Map<string, { session: import('onnxruntime-common').InferenceSession, outputs: Record<string, Output> }>} */
  const programs = new Map();
  /** @type {Map<number, Tensor>} */
  const tensors = new Map();
  const pool = new BufferPool();

  /** @param {Tensor} tensor */
  const recycle = (tensor) => pool.giveBack(/** @type {Uint8Array} */ (tensor.data).buffer);

  /** @param {Output} output @param {readonly number[]} shape */
  const allocate = ({ dtype, itemSize }, shape) => {
    const length = shape.reduce((size, n) => size * n, 1);
    const buffer = pool.take(length * itemSize);
    const data =
      dtype === 'float32'
        ? new Float32Array(buffer, 0, length)
        : dtype === 'int32'
          ? new Int32Array(buffer, 0, length)
          : new Uint8Array(buffer, 0, length);
    return new ort.Tensor(/** @type {'float32'} */ (dtype), /** @type {Float32Array} */ (data), shape);
  };

  /** @param {number} id */
  const tensor = (id) => {
    const value = tensors.get(id);
    if (!value) throw new Error(`Tensor ${id} was released.`);
    return value;
  };

  /**
   * The fetches, once `run` has filled them; where it fails, they are given back.
   *
   * @param {Record<string, Tensor>} fetches @param {(fetches: Record<string, Tensor>) => Promise<unknown>} run
   */
  const filled = async (fetches, run) => {
    try {
      await run(fetches);
    } catch (error) {
      for (const value of Object.values(fetches)) recycle(value);
      throw error;
    }
    return fetches;
  };

  /** Part of a tensor of `length` elements, without a copy; others are whole in every part. @param {Tensor} whole @param {number} length @param {number} from @param {readonly number[]} shape */
  const part = (whole, length, from, shape) => {
    const data = /** @type {Float32Array} */ (whole.data);
    if (data.length !== length) return whole;
    const size = shape.reduce((product, n) => product * n, 1);
    return new ort.Tensor(/** @type {'float32'} */ (whole.type), data.subarray(from, from + size), shape);
  };

  /**
   * Runs a program that was compiled for pieces of `size` elements over tensors of the given shape. The last piece
   * ends where they end, and repeats some of the one before.
   *
   * @param {string} key @param {Record<string, number>} inputs @param {readonly number[]} shape @param {number} size
   */
  const executePieces = async (key, inputs, shape, size) => {
    const program = programs.get(key);
    if (!program) throw new Error(`Program ${key} is not compiled.`);
    const feeds = program.session.inputNames.map(
      (name) => /** @type {const} */ ([name, tensor(/** @type {number} */ (inputs[name]))]),
    );
    const fetches = Object.entries(program.outputs).map(
      ([name, output]) => /** @type {const} */ ([name, allocate(output, shape), output.modelShape]),
    );
    const length = shape.reduce((product, n) => product * n, 1);
    return filled(Object.fromEntries(fetches.map(([name, whole]) => [name, whole])), async () => {
      for (let start = 0; start < length; start += size) {
        const from = Math.min(start, length - size);
        await program.session.run(
          Object.fromEntries(feeds.map(([name, whole]) => [name, part(whole, length, from, [size])])),
          Object.fromEntries(fetches.map(([name, whole, made]) => [name, part(whole, length, from, made)])),
        );
      }
    });
  };

  /** @param {string} key @param {Record<string, number>} inputs @returns {Promise<Record<string, Tensor>>} */
  const execute = async (key, inputs) => {
    const program = programs.get(key);
    if (!program) throw new Error(`Program ${key} is not compiled.`);
    /** @type {Record<string, Tensor>} */
    const feeds = {};
    // A traced program may not need every declared input.
    for (const name of program.session.inputNames) feeds[name] = tensor(/** @type {number} */ (inputs[name]));
    const outputs = Object.entries(program.outputs);
    const made = sameThread
      ? await /** @type {Promise<Record<string, Tensor>>} */ (program.session.run(feeds))
      : await filled(
          Object.fromEntries(outputs.map(([name, output]) => [name, allocate(output, output.modelShape)])),
          (fetches) => program.session.run(feeds, fetches),
        );
    return Object.fromEntries(
      outputs.map(([name, { shape }]) => [name, /** @type {Tensor} */ (made[name]).reshape(shape)]),
    );
  };

  /** A copy, in memory that is nobody else's: it can be handed to another thread. @param {Tensor} value */
  const toArray = (value) => ({
    dtype: value.type === 'bool' ? 'uint8' : value.type,
    shape: [...value.dims],
    data: /** @type {Float32Array} */ (value.data).slice(),
  });

  const methods = {
    /** @param {string} key @param {Uint8Array} model @param {Record<string, Output>} outputs @param {boolean} keepWorkspace */
    async compile(key, model, outputs, keepWorkspace) {
      // A block for all tensors of a run at once would lie beside work memory that is kept, and where none is kept
      // its pages would be new in every run.
      const options = { ...sessionOptions, enableCpuMemArena: keepWorkspace, enableMemPattern: false };
      programs.set(key, { session: await ort.InferenceSession.create(model, options), outputs });
    },

    /** @param {string} key */
    async forget(key) {
      const program = programs.get(key);
      programs.delete(key);
      await program?.session.release();
    },

    /** @param {number} id @param {'float32' | 'int32'} dtype @param {readonly number[]} shape @param {any} data */
    upload(id, dtype, shape, data) {
      tensors.set(id, new ort.Tensor(dtype, data, shape));
    },

    /** @param {number} id */
    download(id) {
      return toArray(tensor(id));
    },

    /** @param {string} key @param {Record<string, number>} inputs @param {Record<string, number>} outputs */
    async run(key, inputs, outputs) {
      const results = await execute(key, inputs);
      for (const [name, id] of Object.entries(outputs))
        tensors.set(id, /** @type {Tensor} */ (results[name]));
    },

    /**
     * @param {string} key @param {Record<string, number>} inputs @param {Record<string, number>} outputs
     * @param {readonly number[]} shape @param {number} size
     */
    async runPieces(key, inputs, outputs, shape, size) {
      const results = await executePieces(key, inputs, shape, size);
      for (const [name, id] of Object.entries(outputs))
        tensors.set(id, /** @type {Tensor} */ (results[name]));
    },

    /** @param {string} key @param {Record<string, number>} inputs */
    async compute(key, inputs) {
      const results = await execute(key, inputs);
      const arrays = Object.fromEntries(
        Object.entries(results).map(([name, value]) => [name, toArray(value)]),
      );
      for (const value of Object.values(results)) recycle(value);
      return arrays;
    },

    /** @param {readonly number[]} ids */
    release(ids) {
      for (const id of ids) {
        const released = tensors.get(id);
        if (released) recycle(released);
        tensors.delete(id);
      }
    },
  };

  return {
    /** @param {keyof typeof methods} method @param {any[]} args */
    call: async (method, args) => /** @type {any} */ (methods)[method](...args),
  };
};
