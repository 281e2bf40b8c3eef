import { type NDArray, ndarray } from '@ntk-lens/core';
import {
  createRuntime,
  defineProgram,
  gemmRate,
  type Resident,
  type RuntimeName,
  type TensorSpec,
  tf,
} from '@ntk-lens/engine';
import { optionsOf } from './front/options-of.js';
import { printHeading } from './measure/heading.js';
import { writeFigures } from './measure/resources.js';

const options = optionsOf('compiled-vs-eager');
const { layers, width, sequences: n, tokens } = options;
const inner = 4 * width;

/** The weights of a layer. */
interface Layer<Leaf> {
  readonly q: Leaf;
  readonly k: Leaf;
  readonly v: Leaf;
  readonly o: Leaf;
  readonly up: Leaf;
  readonly down: Leaf;
}

/** All tensors of the encoder. */
interface Encoder<Leaf> {
  readonly x: Leaf;
  /** Readout of the result, `[width, 1]`. */
  readonly read: Leaf;
  readonly layers: readonly Layer<Leaf>[];
  /** Zeros added to the layers' outputs: the gradients with respect to them are the cotangents. */
  readonly taps: readonly Leaf[];
}

interface Sizes {
  readonly layers: number;
  readonly width: number;
  readonly n: number;
  readonly tokens: number;
}

const encoderOf = <Leaf>(
  { layers, width, n, tokens }: Sizes,
  leaf: (name: string, shape: readonly number[], scale: number) => Leaf,
): Encoder<Leaf> => {
  const each = <T>(make: (layer: number) => T): readonly T[] =>
    Array.from({ length: layers }, (_, layer) => make(layer));
  const matrix = (name: string, out: number, from: number) => leaf(name, [out, from], 1 / Math.sqrt(from));
  return {
    x: leaf('x', [n, tokens, width], 1),
    read: leaf('read', [width, 1], 1),
    layers: each((layer) => ({
      q: matrix(`${layer}.q`, width, width),
      k: matrix(`${layer}.k`, width, width),
      v: matrix(`${layer}.v`, width, width),
      o: matrix(`${layer}.o`, width, width),
      up: matrix(`${layer}.up`, inner, width),
      down: matrix(`${layer}.down`, width, inner),
    })),
    taps: each((layer) => leaf(`tap.${layer}`, [n, tokens, width], 0)),
  };
};

const layerNorm = (x: tf.Tensor): tf.Tensor => {
  const centred = x.sub(x.mean(-1, true));
  return centred.mul(centred.square().mean(-1, true).add(1e-5).rsqrt());
};
const linear = (x: tf.Tensor, w: tf.Tensor): tf.Tensor => {
  const [n, tokens, width] = x.shape as [number, number, number];
  const y = tf.matMul(x.reshape([n * tokens, width]), w as tf.Tensor2D, false, true);
  return y.reshape([n, tokens, w.shape[0]!]);
};
const gelu = (x: tf.Tensor): tf.Tensor => x.mul(0.5).mul(tf.erf(x.div(Math.SQRT2)).add(1));

const attention = (h: tf.Tensor, { q, k, v }: Layer<tf.Tensor>): tf.Tensor => {
  const [n, tokens, width] = h.shape as [number, number, number];
  const heads = Math.max(1, width / 64);
  const split = (w: tf.Tensor) =>
    linear(h, w)
      .reshape([n, tokens, heads, width / heads])
      .transpose([0, 2, 1, 3]);
  const p = tf.softmax(tf.matMul(split(q), split(k), false, true).div(Math.sqrt(width / heads)));
  return tf.matMul(p, split(v)).transpose([0, 2, 1, 3]).reshape([n, tokens, width]);
};

const encoder = ({ x, read, layers, taps }: Encoder<tf.Tensor>): tf.Scalar => {
  let h = x;
  for (const [i, layer] of layers.entries()) {
    const attended = layerNorm(h.add(linear(attention(h, layer), layer.o)));
    const grown = gelu(linear(attended, layer.up));
    h = layerNorm(attended.add(linear(grown, layer.down))).add(taps[i]!);
  }
  const [n, , width] = x.shape as [number, number, number];
  // The readout: one token per sequence.
  return tf.sum(h.slice([0, 1, 0], [n, 1, width]).mul(read.reshape([1, 1, width]))) as tf.Scalar;
};

/** Value, and cotangents of the input and of every layer's output. */
const forwardAndBackward = defineProgram(
  ({ layers }: Sizes) => `${layers}-layer encoder, forward and backward`,
  {
    inputs: (sizes: Sizes) => encoderOf(sizes, (_name, shape): TensorSpec => ({ dtype: 'float32', shape })),
    build: (tensors) => {
      const f = (x: tf.Tensor, ...taps: tf.Tensor[]): tf.Scalar => encoder({ ...tensors, x, taps });
      const { value, grads } = tf.valueAndGrads(f)([tensors.x, ...tensors.taps]);
      return { value, cotangents: grads };
    },
  },
);

/** The same numbers for the same name, whatever else is drawn; uniform, of variance `scale`². */
const draw = (name: string, shape: readonly number[], scale: number): NDArray<'float32'> => {
  let state = [...name].reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 0x01000193), 0x811c9dc5) | 1;
  const data = new Float32Array(shape.reduce((a, b) => a * b, 1));
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = (state / 2 ** 31) * Math.sqrt(3) * scale;
  }
  return ndarray<'float32'>(data, shape);
};

/** The uploads, once they are done. */
const resident = async (uploads: Encoder<Promise<Resident>>): Promise<Encoder<Resident>> => ({
  x: await uploads.x,
  read: await uploads.read,
  layers: await Promise.all(
    uploads.layers.map(async ({ q, k, v, o, up, down }) => ({
      ...{ q: await q, k: await k, v: await v },
      ...{ o: await o, up: await up, down: await down },
    })),
  ),
  taps: await Promise.all(uploads.taps),
});

const measure = async (name: RuntimeName, repetitions: number) => {
  const runtime = await createRuntime({ runtime: name, threads: options.threads });
  try {
    const gemm = await gemmRate(runtime);
    const sizes = { layers, width, n, tokens };
    const program = forwardAndBackward(sizes);
    const inputs = await resident(
      encoderOf(sizes, (input, shape, scale) => runtime.upload(draw(input, shape, scale))),
    );
    const seconds: number[] = [];
    let outputs: readonly NDArray[] = [];
    // A compiled program is traced and compiled by its first run, which is not counted; eager code has no such run.
    const warmUps = name.startsWith('ort') ? 1 : 0;
    for (let i = 0; i < warmUps + repetitions; i++) {
      const start = performance.now();
      const { value, cotangents } = await program.run(runtime, inputs);
      const downloaded = await runtime.download(value);
      seconds.push((performance.now() - start) / 1000);
      if (i === warmUps + repetitions - 1) {
        const rest: NDArray[] = [];
        for (const tensor of cotangents) rest.push(await runtime.download(tensor));
        outputs = [downloaded, ...rest];
      }
      runtime.release([value, ...cotangents]);
    }
    const first = warmUps > 0 ? seconds.shift() : undefined;
    const { version, threads } = runtime.info;
    return { name, version, threads, gemm, first, best: Math.min(...seconds), seconds, outputs };
  } finally {
    await runtime.close();
  }
};

const surroundings = await printHeading(options);
const compiled = await measure(options.runtime, options.repetitions);
const eager = await measure(options.eager, options['eager-repetitions']);

let worst = 0;
for (const [at, { data }] of eager.outputs.entries()) {
  const other = compiled.outputs[at]!.data;
  let [difference, size] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    difference += (data[i]! - other[i]!) ** 2;
    size += data[i]! ** 2;
  }
  worst = Math.max(worst, Math.sqrt(difference / size));
}
// One backward product (the activation's) for each product of the forward pass.
const flops =
  4 * n * tokens * layers * (4 * width ** 2 + 2 * width * inner) + 8 * n * layers * tokens ** 2 * width;
for (const { name, version, threads, gemm, first, best, seconds } of [compiled, eager]) {
  const runs = `best of ${seconds.length}${first === undefined ? '' : `; first, with compilation, ${first.toFixed(2)} s`}`;
  console.log(
    `${name.padEnd(10)} ${best.toFixed(3)} s  (${runs})  ${(flops / best / 1e9).toFixed(0)} GFLOP/s of ${gemm.toFixed(0)} in plain products, ${threads} threads, ${version}`,
  );
}
const ratio = eager.best / compiled.best;
console.log(
  `compiled is ${ratio.toFixed(1)} times as fast as eager (target: at least 4); ${layers} layers, width ${width}, ${n} × ${tokens} tokens; largest relative difference ${worst.toExponential(1)}`,
);
const figures = [compiled, eager].map(({ outputs: _, ...figure }) => figure);
writeFigures(options.json, { ...surroundings, figures, ratio, worst });
if (!(worst < 1e-3)) {
  console.error('The numbers differ: expected less than 1e-3.');
  process.exitCode = 1;
}
