import { createRuntime, type Program, tf } from '@ntk-lens/engine';

// A linear model's loss and its gradient: a pure function of named tensors with fixed shapes.
const lossAndGradient: Program = {
  name: 'loss and gradient',
  inputs: {
    x: { dtype: 'float32', shape: [3, 2] },
    y: { dtype: 'float32', shape: [3, 1] },
    w: { dtype: 'float32', shape: [2, 1] },
  },
  build: ({ x, y, w }) => {
    const loss = (v: tf.Tensor) => tf.mean(tf.square(tf.matMul(x!, v).sub(y!))).asScalar();
    const { value, grad } = tf.valueAndGrad(loss)(w!);
    return { loss: value, gradient: grad };
  },
};

for (const name of ['ort-cpu', 'tfjs-cpu'] as const) {
  const runtime = await createRuntime({ runtime: name });
  const inputs = {
    x: await runtime.upload({ dtype: 'float32', shape: [3, 2], data: Float32Array.of(1, 0, 0, 1, 1, 1) }),
    y: await runtime.upload({ dtype: 'float32', shape: [3, 1], data: Float32Array.of(1, 2, 3) }),
    w: await runtime.upload({ dtype: 'float32', shape: [2, 1], data: Float32Array.of(0, 0.5) }),
  };
  const { loss, gradient } = await runtime.compute(lossAndGradient, inputs);
  console.log(
    `${name}: loss ${loss!.data[0]!.toFixed(4)}, gradient ${[...gradient!.data].map((g) => g.toFixed(4))}`,
  );
  await runtime.close();
}
