// @ts-check
// Sessions and tensors of ONNX Runtime, wherever it runs: `ort-worker.js` hosts them on a thread of Node, the
// runtimes of a browser on the thread of their caller. Plain JavaScript, so that Node can start the worker from the
// sources without a build.

/**
 * @typedef {import('onnxruntime-common')} Ort
 * @typedef {import('./session-host.js').HostOptions} HostOptions
 * @typedef {import('./session-host.js').FillingSessions} FillingSessions
 * @typedef {{ name: string, shape: readonly number[] }} Part
 * @typedef {{ shape: readonly number[], parts: readonly Part[], dtype: 'float32' | 'int32' | 'uint8' | 'bool', itemSize: number }} Output
 * @typedef {import('onnxruntime-common').Tensor} Tensor
 */

/** @param {readonly number[]} shape */
const sizeOf = (shape) => shape.reduce((product, n) => product * n, 1);

/** @param {Ort} ort @param {HostOptions} options */
export const createSessionHost = (ort, { sessionOptions, results }) => {
  const { pool, sessions } = results ?? {};
  /** @type {Map<string, { session: import('onnxruntime-common').InferenceSession, outputs: Record<string, Output> }>} */
  const programs = new Map();
  /** @type {Map<number, Tensor>} */
  const tensors = new Map();

  /** @param {Tensor} tensor */
  const recycle = (tensor) => pool?.giveBack(/** @type {Uint8Array} */ (tensor.data).buffer);

  /** @param {Output} output @param {readonly number[]} shape */
  const allocate = ({ dtype, itemSize }, shape) => {
    const length = sizeOf(shape);
    const buffer = /** @type {import('./session-host.js').Buffers} */ (pool).take(length * itemSize);
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
    const size = sizeOf(shape);
    return new ort.Tensor(/** @type {'float32'} */ (whole.type), data.subarray(from, from + size), shape);
  };

  /** An output's memory as what the model writes there. @param {Tensor} whole @param {readonly Part[]} parts */
  const split = (whole, parts) => {
    const data = /** @type {Float32Array} */ (whole.data);
    let from = 0;
    return parts.map(({ name, shape }) => {
      const size = sizeOf(shape);
      const own = data.subarray(from, from + size);
      from += size;
      return /** @type {const} */ ([name, new ort.Tensor(/** @type {'float32'} */ (whole.type), own, shape)]);
    });
  };

  /** An output from what the model made. @param {Output} output @param {Record<string, Tensor>} made */
  const joined = ({ shape, parts }, made) => {
    const values = parts.map(({ name }) => /** @type {Tensor} */ (made[name]));
    const [first] = /** @type {[Tensor]} */ (/** @type {unknown} */ (values));
    if (values.length === 1) return first.reshape(shape);
    const Values = /** @type {Float32ArrayConstructor} */ (first.data.constructor);
    const data = new Values(sizeOf(shape));
    let from = 0;
    for (const value of values) {
      data.set(/** @type {Float32Array} */ (value.data), from);
      from += value.data.length;
    }
    return new ort.Tensor(/** @type {'float32'} */ (first.type), data, shape);
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
      ([name, output]) =>
        /** @type {const} */ ([/** @type {Part} */ (output.parts[0]), allocate(output, shape), name]),
    );
    const length = sizeOf(shape);
    return filled(Object.fromEntries(fetches.map(([, whole, name]) => [name, whole])), async () => {
      for (let start = 0; start < length; start += size) {
        const from = Math.min(start, length - size);
        await /** @type {FillingSessions} */ (sessions).fill(
          program.session,
          Object.fromEntries(feeds.map(([name, whole]) => [name, part(whole, length, from, [size])])),
          Object.fromEntries(
            fetches.map(([{ name, shape }, whole]) => [name, part(whole, length, from, shape)]),
          ),
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
    if (!sessions) {
      const made = /** @type {Record<string, Tensor>} */ (await program.session.run(feeds));
      return Object.fromEntries(outputs.map(([name, output]) => [name, joined(output, made)]));
    }
    const wholes = outputs.map(
      ([name, output]) => /** @type {const} */ ([name, allocate(output, output.shape), output.parts]),
    );
    const fetches = Object.fromEntries(wholes.flatMap(([, whole, parts]) => split(whole, parts)));
    return filled(Object.fromEntries(wholes.map(([name, whole]) => [name, whole])), () =>
      sessions.fill(program.session, feeds, fetches),
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
      const session = await (sessions ?? ort.InferenceSession).create(model, options);
      programs.set(key, { session, outputs });
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

    /** @param {number} id @returns {ArrayBufferLike | undefined} */
    reclaim(id) {
      const reclaimed = tensors.get(id);
      tensors.delete(id);
      if (!reclaimed || pool?.giveBack(/** @type {Uint8Array} */ (reclaimed.data).buffer)) return undefined;
      return /** @type {Uint8Array} */ (reclaimed.data).buffer;
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
