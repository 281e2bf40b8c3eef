/**
 * The same function compiled and eagerly: forward and backward to the activations of a 12-layer, 768-wide encoder with
 * random weights, 8 sequences of 40 tokens, on `ort-cpu` (traced, compiled) and on `tfjs-wasm` (eager), in one run.
 * Prints the times, their ratio and how far the numbers are apart.
 *
 *     pnpm --filter @ntk-lens/bench compiled-vs-eager [--layers 12] [--width 768] [--repetitions 5] [--eager-repetitions 1]
 */
import { parseArgs } from 'node:util';
import { type NDArray, ndarray } from '@ntk-lens/core';
import { createRuntime, gemmRate, type Program, type Resident, type RuntimeName, tf } from '@ntk-lens/engine';

const { values: options } = parseArgs({
  options: {
    layers: { type: 'string', default: '12' },
    width: { type: 'string', default: '768' },
    sequences: { type: 'string', default: '8' },
    tokens: { type: 'string', default: '40' },
    threads: { type: 'string', default: '2' },
    repetitions: { type: 'string', default: '5' },
    'eager-repetitions': { type: 'string', default: '1' },
    eager: { type: 'string', default: 'tfjs-wasm' },
  },
});
const [layers, width, n, tokens] = [options.layers, options.width, options.sequences, options.tokens].map(
  Number,
) as [number, number, number, number];
const heads = Math.max(1, width / 64);
const inner = 4 * width;

type Named = Readonly<Record<string, tf.Tensor>>;

const parts = { q: [width, width], k: [width, width], v: [width, width], o: [width, width] } as const;
const matrices: Readonly<Record<string, readonly [number, number]>> = {
  ...parts,
  up: [inner, width],
  down: [width, inner],
};

const shapes: Record<string, readonly number[]> = { x: [n, tokens, width], read: [width, 1] };
for (let layer = 0; layer < layers; layer++) {
  for (const [name, shape] of Object.entries(matrices)) shapes[`${layer}.${name}`] = shape;
  shapes[`tap.${layer}`] = [n, tokens, width];
}

const layerNorm = (x: tf.Tensor): tf.Tensor => {
  const centred = x.sub(x.mean(-1, true));
  return centred.mul(centred.square().mean(-1, true).add(1e-5).rsqrt());
};
const linear = (x: tf.Tensor, w: tf.Tensor): tf.Tensor =>
  tf.matMul(x.reshape([n * tokens, w.shape[1]!]) as tf.Tensor2D, w as tf.Tensor2D, false, true);
const split = (x: tf.Tensor): tf.Tensor =>
  x.reshape([n, tokens, heads, width / heads]).transpose([0, 2, 1, 3]);
const gelu = (x: tf.Tensor): tf.Tensor => x.mul(0.5).mul(tf.erf(x.div(Math.SQRT2)).add(1));

const encoder = (x: tf.Tensor, taps: readonly tf.Tensor[], weights: Named): tf.Scalar => {
  let h = x;
  for (let layer = 0; layer < layers; layer++) {
    const w = (name: string) => weights[`${layer}.${name}`]!;
    const [q, k, v] = (['q', 'k', 'v'] as const).map((name) => split(linear(h, w(name)))) as [
      tf.Tensor,
      tf.Tensor,
      tf.Tensor,
    ];
    const p = tf.softmax(tf.matMul(q, k, false, true).div(Math.sqrt(width / heads)));
    const mixed = tf.matMul(p, v).transpose([0, 2, 1, 3]).reshape([n, tokens, width]);
    const attended = layerNorm(h.add(linear(mixed, w('o')).reshape([n, tokens, width])));
    const grown = gelu(linear(attended, w('up')));
    h = layerNorm(attended.add(linear(grown, w('down')).reshape([n, tokens, width]))).add(taps[layer]!);
  }
  // What is read: one token per sequence.
  return tf.sum(h.slice([0, 1, 0], [n, 1, width]).mul(weights['read']!.reshape([1, 1, width]))) as tf.Scalar;
};

/** Value, and cotangents of every layer's output and of the input. */
const program: Program = {
  name: `${layers}-layer encoder, forward and backward`,
  inputs: Object.fromEntries(
    Object.entries(shapes).map(([name, shape]) => [name, { dtype: 'float32', shape }]),
  ),
  build: (inputs: Named) => {
    const taps = Array.from({ length: layers }, (_, layer) => inputs[`tap.${layer}`]!);
    const f = (x: tf.Tensor, ...rest: tf.Tensor[]): tf.Scalar => encoder(x, rest, inputs);
    const { value, grads } = tf.valueAndGrads(f)([inputs['x']!, ...taps]);
    return { value, ...Object.fromEntries(grads.map((grad, i) => [i === 0 ? 'dx' : `d${i - 1}`, grad])) };
  },
};

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

const measure = async (name: RuntimeName, repetitions: number) => {
  const runtime = await createRuntime({ runtime: name, threads: Number(options.threads) });
  try {
    const gemm = await gemmRate(runtime);
    const inputs: Record<string, Resident> = {};
    for (const [input, shape] of Object.entries(shapes)) {
      const scale =
        input === 'x' || input === 'read' ? 1 : input.startsWith('tap') ? 0 : 1 / Math.sqrt(shape[1]!);
      inputs[input] = await runtime.upload(draw(input, shape, scale));
    }
    const seconds: number[] = [];
    let outputs: Record<string, NDArray> = {};
    // A compiled program is traced and compiled by its first run, which is not counted; eager code has no such run.
    const warmUps = name.startsWith('ort') ? 1 : 0;
    for (let i = 0; i < warmUps + repetitions; i++) {
      const start = performance.now();
      const found = await runtime.run(program, inputs);
      const value = await runtime.download(found['value']!);
      seconds.push((performance.now() - start) / 1000);
      if (i === warmUps + repetitions - 1) {
        outputs = { value };
        for (const [output, tensor] of Object.entries(found)) {
          if (output !== 'value') outputs[output] = await runtime.download(tensor);
        }
      }
      runtime.release(Object.values(found));
    }
    const first = warmUps > 0 ? seconds.shift() : undefined;
    const { version, threads } = runtime.info;
    return { name, version, threads, gemm, first, best: Math.min(...seconds), seconds, outputs };
  } finally {
    await runtime.close();
  }
};

const compiled = await measure('ort-cpu', Number(options.repetitions));
const eager = await measure(options.eager as RuntimeName, Number(options['eager-repetitions']));

let worst = 0;
for (const [name, { data }] of Object.entries(eager.outputs)) {
  const other = compiled.outputs[name]!.data;
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
if (!(worst < 1e-3)) {
  console.error('The numbers differ: expected less than 1e-3.');
  process.exitCode = 1;
}
