import { ndarray } from '@ntk-lens/core';
import { createRuntime } from '@ntk-lens/engine';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { loadModel } from '@ntk-lens/models';
import {
  checkExpressible,
  checkInfiniteWidth,
  classifyAbc,
  namedParametrization,
  twoLayerStep,
} from '@ntk-lens/tensor-programs';

// What becomes of training as width grows, from exponents alone.
for (const name of ['standard', 'ntk', 'mup'] as const) {
  const { regime, r } = classifyAbc(namedParametrization(name, { optimizer: 'adam', hiddenLayers: 2 }));
  console.log(`${name}, Adam: ${regime}, r = ${r.toFraction()}`);
}

// The same on a task that the wide model already solves, χ = n^(−1/2): SGD becomes a kernel method.
const mup = namedParametrization('mup', { optimizer: 'sgd', hiddenLayers: 2 });
console.log('mup, SGD, χ → 0:', classifyAbc(mup, { lossDerivative: '1/2' }).regime);

// And in numbers, for two layers.
for (const width of [64, 1024, 16384]) {
  const { error } = twoLayerStep({ width, seed: 0, rule: 'sgd', rate: 1, chi: width ** -0.5, input: [1, 1] });
  console.log(`n = ${width}: linearization error ${error.toFixed(4)}`);
}

// Is the embedded model made of what Tensor Programs are made of?
const model = await loadModel(modelDirectory);
const { finding, table } = checkExpressible(model);
console.log(finding.condition, finding.verdict, '|', finding.note);
console.log(table.map((row) => `${row.class} ${row.forward}`).join(', '));
await model.close();

// The kernel of a random network goes to its closed form.
const runtime = await createRuntime({ runtime: 'ort-cpu' });
const { law } = await checkInfiniteWidth({
  shape: { nonlinearity: 'relu', hiddenLayers: 1, weightScale: 1.5 },
  runtime,
  inputs: ndarray<'float64'>(Float64Array.of(1, 0, 0.6, 0.8, -1, 0.5), [3, 2]),
  widths: [64, 128, 256, 512],
  seeds: Array.from({ length: 20 }, (_, seed) => seed),
});
console.log(`‖K̂ − Θ‖/‖Θ‖ falls as n^(${law.slope.toFixed(1)})`);
await runtime.close();
