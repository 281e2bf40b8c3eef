import { createRuntime, gemmRate } from '@ntk-lens/engine';
import { benches } from './front/benches.js';
import { optionsOf } from './front/options-of.js';
import { floorFor, productRates } from './kernels/product-rates.js';
import { printHeading } from './measure/heading.js';
import { writeFigures } from './measure/resources.js';
import { requirePackages } from './peers/python.js';

const options = optionsOf('products');
const { threads, runtime: name, python } = options;

if (options.ours) {
  const runtime = await createRuntime({ runtime: name, threads });
  console.log(JSON.stringify({ gflops: await gemmRate(runtime, { size: 1024 }) }));
  await runtime.close();
} else {
  const peers = requirePackages(python, benches.products.needs);
  const surroundings = await printHeading({ threads, runtime: name, peers });
  const rates = await productRates(options);
  const { ours, torch, ratio } = rates;
  console.log(`ours     ${ours.toFixed(0)} GFLOP/s`);
  console.log(`PyTorch  ${torch.toFixed(0)} GFLOP/s, ${ratio.toFixed(2)} of ours`);
  const [sgd, signs] = [1.1, 1].map((level) => floorFor(ratio, level).toFixed(2));
  console.log(`hook-based PyTorch's time ÷ ours is to be at least ${sgd} (SGD), ${signs} (SignGD)`);
  writeFigures(options.json, { ...surroundings, ...rates });
}
