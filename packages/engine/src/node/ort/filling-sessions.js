// @ts-check
// Sessions that write their outputs into memory of the caller, and do nothing else with them. After such a run
// onnxruntime-node 1.30 makes a new array of every output nevertheless, and copies it there: memory that is taken, filled
// with zeros, written and left to the garbage collector takes 3 to 10 % of the time of a kernel. It goes through the outputs
// in the order of the model, and gives up at one that is not a tensor. So models get an output more, before their own: an
// empty sequence. When the binding refuses to return it, all outputs have been written.

/**
 * @typedef {Pick<import('onnxruntime-common'), 'InferenceSession' | 'Tensor'>} Ort
 * @typedef {import('onnxruntime-common').InferenceSession} Session
 * @typedef {import('onnxruntime-common').InferenceSession.SessionOptions} SessionOptions
 * @typedef {Record<string, import('onnxruntime-common').Tensor>} Tensors
 */

/** A field of bytes in a message of Protocol Buffers, less than 128 of them. @param {number} number @param {readonly number[]} bytes */
const field = (number, bytes) => [8 * number + 2, bytes.length, ...bytes];
/** @param {number} number @param {string} text */
const string = (number, text) => field(number, [...new TextEncoder().encode(text)]);
/** @param {number} number @param {number} value less than 128 */
const integer = (number, value) => [8 * number, value];

/** Bytes of outputs from which a copy takes longer than the exception, which takes 25 µs. */
const LEAST_BYTES = 2 ** 16;

/** Name of the output that is a sequence. */
const SEQUENCE = 'all outputs are written';
/** TypeProto of a tensor of float32 of any shape. */
const TENSOR = field(1, integer(1, 1));

/** ModelProto of nothing but that output. Messages that follow each other are one: a model after it has the output before its own. */
const PREFIX = field(7, [
  ...field(1, [...string(2, SEQUENCE), ...string(4, 'SequenceEmpty')]),
  ...field(12, [...string(1, SEQUENCE), ...field(2, field(4, field(1, TENSOR)))]),
]);

/** ModelProto of y = −x. */
const TRIAL = [
  ...integer(1, 9),
  ...field(7, [
    ...field(1, [...string(1, 'x'), ...string(2, 'y'), ...string(4, 'Neg')]),
    ...string(2, 'trial'),
    ...field(11, [...string(1, 'x'), ...field(2, TENSOR)]),
    ...field(12, [...string(1, 'y'), ...field(2, TENSOR)]),
  ]),
  ...field(8, integer(2, 18)),
];

/** @param {Tensors} tensors */
const bytesOf = (tensors) =>
  Object.values(tensors).reduce((sum, { data }) => sum + /** @type {Float32Array} */ (data).byteLength, 0);

/** @param {readonly number[] | Uint8Array} model */
const prefixed = (model) => {
  const bytes = new Uint8Array(PREFIX.length + model.length);
  bytes.set(PREFIX);
  bytes.set(model, PREFIX.length);
  return bytes;
};

/** @param {Session} session @param {Tensors} feeds @param {Tensors} fetches */
const run = async (session, feeds, fetches) => {
  const all = /** @type {Tensors} */ ({ [SEQUENCE]: /** @type {unknown} */ (null), ...fetches });
  await session.run(feeds, all);
};

/**
 * The message with which this version of the binding refuses to return a sequence, or undefined where it writes no
 * outputs into given memory then, or returns it.
 *
 * @param {Ort} ort @param {SessionOptions} options
 */
const refusalOf = async (ort, options) => {
  const y = new ort.Tensor('float32', new Float32Array(2), [2]);
  /** @type {Session | undefined} */
  let session;
  try {
    session = await ort.InferenceSession.create(prefixed(TRIAL), options);
    await run(session, { x: new ort.Tensor('float32', Float32Array.of(1, 2), [2]) }, { y });
  } catch (error) {
    const [first, second] = /** @type {Float32Array} */ (y.data);
    if (first === -1 && second === -2) return /** @type {Error} */ (error).message;
  } finally {
    await session?.release();
  }
  return undefined;
};

/** @param {Ort} ort @returns {import('../../ort/session-host.js').FillingSessions} */
export const createFillingSessions = (ort) => {
  /** @type {Promise<string | undefined> | undefined} */
  let refusal;
  return {
    async create(model, options) {
      refusal ??= refusalOf(ort, options);
      const copies = (await refusal) === undefined;
      return ort.InferenceSession.create(copies ? model : prefixed(model), options);
    },

    async fill(session, feeds, fetches) {
      const expected = await refusal;
      if (expected === undefined || bytesOf(fetches) < LEAST_BYTES) {
        await session.run(feeds, fetches);
        return;
      }
      try {
        await run(session, feeds, fetches);
      } catch (error) {
        if (/** @type {Error} */ (error).message !== expected) throw error;
      }
    },
  };
};
