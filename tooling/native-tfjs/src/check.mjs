// Run by build.mjs in a process of its own: check.mjs PACKAGE_DIRECTORY [MANIFEST_OF_A_PACKAGE_WITH_ITS_OWN_TFJS]
// Prints one JSON line, or fails. The functions run from a copy of tfjs that is not the native package's own.
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';

const [packageDirectory, manifest] = process.argv.slice(2);
const TOLERANCE = 1e-5;

/** Functions of a [4, 8, 16] and a [16, 16] tensor, of the kinds that transformer models and their losses are made of. */
const CASES = {
  matMul: (tf, x, w) => tf.matMul(tf.reshape(x, [32, 16]), w),
  matMulTransposed: (tf, x, w) => tf.matMul(tf.reshape(x, [16, 32]), w, true, true),
  batchedMatMul: (tf, x) => tf.matMul(x, x, false, true),
  softmax: (tf, x) => tf.mul(tf.softmax(x), x),
  logSumExp: (tf, x) => tf.logSumExp(x, -1),
  layerNorm: (tf, x) => {
    const { mean, variance } = tf.moments(x, -1, true);
    return tf.square(tf.mul(tf.sub(x, mean), tf.rsqrt(tf.add(variance, 1e-5))));
  },
  gelu: (tf, x) => tf.mul(x, tf.add(tf.erf(tf.div(x, Math.SQRT2)), 1)),
  geluTanh: (tf, x) => tf.mul(x, tf.tanh(tf.add(x, tf.mul(tf.pow(x, 3), 0.044715)))),
  gather: (tf, _x, w) => tf.square(tf.gather(w, tf.tensor1d([3, 0, 3, 15], 'int32'))),
  attentionMask: (tf, x) => {
    const seen = tf.greater(tf.sin(tf.range(0, 16)), 0);
    return tf.softmax(tf.where(tf.broadcastTo(seen, x.shape), x, tf.fill(x.shape, -1e9)));
  },
  transpose: (tf, x) => tf.square(tf.transpose(tf.reshape(x, [4, 8, 4, 4]), [0, 2, 1, 3])),
  sliceConcatPad: (tf, x) =>
    tf.square(
      tf.pad(tf.concat([tf.slice(x, [0, 1, 2], [4, 3, 5]), tf.slice(x, [0, 0, 0], [4, 3, 4])], 2), [
        [0, 1],
        [1, 0],
        [0, 2],
      ]),
    ),
  splitStackTile: (tf, x) => tf.square(tf.tile(tf.stack(tf.split(x, 2, 1), 0), [1, 2, 1, 1])),
  cumsumMaxMin: (tf, x) => tf.maximum(tf.cumsum(x, 2), tf.minimum(x, 0.1)),
  abs: (tf, x) => tf.abs(x),
};

/** Results that have no gradient. */
const FORWARD_ONLY = {
  sign: (tf, x) => tf.sign(x),
  einsum: (tf, x, w) => tf.einsum('bti,ij->btj', x, w),
  argMax: (tf, x) => tf.argMax(x, -1),
  topk: (tf, x) => tf.topk(x, 3).values,
  oneHot: (tf) => tf.oneHot(tf.tensor1d([1, 0, 3], 'int32'), 4),
  castAndCompare: (tf, x) => tf.cast(tf.equal(tf.cast(tf.mul(x, 3), 'int32'), 0), 'float32'),
};

function loadFrom(path, name) {
  const loaded = createRequire(path)(name);
  return loaded.default ?? loaded;
}

function loadCopies() {
  const own = join(packageDirectory, 'package.json');
  const tf =
    manifest !== undefined && existsSync(manifest)
      ? loadFrom(manifest, '@ntk-lens/tfjs')
      : loadFrom(own, '@tensorflow/tfjs');
  // Two copies register the same JavaScript kernels in one registry; this is the switch for its hundreds of warnings.
  tf.env().set('PROD', true);
  const cache = createRequire(own).cache;
  for (const key of Object.keys(cache)) {
    delete cache[key];
  }
  const native = createRequire(own)(packageDirectory);
  if (native.Tensor === tf.Tensor) {
    throw new Error('both names lead to one copy of tfjs: the check would show nothing about two');
  }
  return { tf, native };
}

function values(tf, backend, run) {
  tf.setBackend(backend);
  return tf.tidy(() => {
    const series = (count, scale) =>
      Float32Array.from({ length: count }, (_, i) => Math.sin(scale * (i + 1)));
    const x = tf.tensor3d(series(512, 1.7), [4, 8, 16]);
    const w = tf.tensor2d(series(256, 0.9), [16, 16]);
    return run(x, w).map((tensor) => Float64Array.from(tensor.dataSync()));
  });
}

function relativeError(actual, expected) {
  let difference = 0;
  let size = 1e-30;
  for (let i = 0; i < expected.length; i++) {
    difference = Math.max(difference, Math.abs(actual[i] - expected[i]));
    size = Math.max(size, Math.abs(expected[i]));
  }
  return actual.length === expected.length && Number.isFinite(difference)
    ? difference / size
    : Number.POSITIVE_INFINITY;
}

function compare(tf) {
  const runs = [
    ...Object.entries(CASES).map(([name, f]) => [
      name,
      (x, w) => [
        f(tf, x, w),
        ...tf.grads((...args) =>
          tf
            .sum(tf.square(f(tf, ...args)))
            .add(args[1].sum())
            .add(args[0].sum()),
        )([x, w]),
      ],
    ]),
    ...Object.entries(FORWARD_ONLY).map(([name, f]) => [name, (x, w) => [f(tf, x, w)]]),
  ];
  let largestError = 0;
  for (const [name, run] of runs) {
    const native = values(tf, 'tensorflow', run);
    const plain = values(tf, 'cpu', run);
    for (const [i, expected] of plain.entries()) {
      const error = relativeError(native[i], expected);
      if (!(error <= TOLERANCE)) {
        throw new Error(
          `${name}: output ${i} differs from the plain JavaScript backend by ${error} (relative; at most ${TOLERANCE})`,
        );
      }
      largestError = Math.max(largestError, error);
    }
  }
  return { cases: runs.length, withGradient: Object.keys(CASES).length, largestError };
}

/** Median rate of several products, in units of 10⁹ floating-point operations per second. */
function measureGemm(tf, size, transposeA, transposeB) {
  tf.setBackend('tensorflow');
  const a = tf.randomNormal([size, size], 0, 1, 'float32', 1);
  const b = tf.randomNormal([size, size], 0, 1, 'float32', 2);
  const times = Array.from({ length: 21 }, () => {
    const start = performance.now();
    const c = tf.matMul(a, b, transposeA, transposeB);
    c.dataSync();
    c.dispose();
    return performance.now() - start;
  }).sort((x, y) => x - y);
  tf.dispose([a, b]);
  return Math.round((2 * size ** 3) / (times[10] * 1e6));
}

const { tf, native } = loadCopies();
const comparison = compare(tf);
const gflops = Object.fromEntries(
  [
    [false, false],
    [true, false],
    [false, true],
  ].map(([ta, tb]) => [`${ta ? 'AᵀB' : tb ? 'ABᵀ' : 'AB'}`, measureGemm(tf, 1024, ta, tb)]),
);
const linked = native.backend().binding.TF_Version;
process.stdout.write(
  `${JSON.stringify({ linked, ...comparison, gflops, threads: availableParallelism() })}\n`,
);
