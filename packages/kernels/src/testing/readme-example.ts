import { createRuntime } from '@ntk-lens/engine';
import { adam, computeKernelBlocks, computeKernels, formulaNames, matchParameters } from '@ntk-lens/kernels';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { loadModel } from '@ntk-lens/models';
import { loadTokenizer } from '@ntk-lens/tokenizers';

const model = await loadModel(modelDirectory);
const tokenizer = await loadTokenizer(modelDirectory);
const runtime = await createRuntime({ runtime: 'ort-cpu' });

const { cls, sep, mask } = tokenizer.special;
const prompt = (text: string) => {
  const before = [cls, ...tokenizer.encode(`${text} It was`)];
  return { inputIds: [...before, mask, ...tokenizer.encode('.'), sep], position: before.length };
};
const request = {
  model,
  runtime,
  formula: 'sgd',
  labelWordIds: ['terrible', 'great'].map((word) => tokenizer.tokenToId(word)!),
  train: ['A gentle, funny film.', 'Two hours of noise.'].map(prompt),
  queries: { test: ['Warm and very funny.'].map(prompt) },
};

const { train, test } = await computeKernels(request);
console.log(train.kernel.shape.join(' × '), '|', test!.kernel.shape.join(' × '));

// One output, "great" minus "terrible", and the parameters that BitFit trains.
const parameters = matchParameters({ include: ['*bias*'] });
const { train: biases } = await computeKernels({ ...request, binary: true, parameters });
console.log(biases.kernel.shape.join(' × '));

// Where in the network the kernel comes from.
const layers = await computeKernelBlocks(request, 'layer');
console.log(Object.keys(layers).join(', '));

// A formula is a name, or a value with its settings. At θ₀ that of Adam looks at labels.
const formula = adam({ eps: 1e-6 });
const { train: scaled } = await computeKernels({ ...request, formula, labels: [1, 0] });
console.log(formulaNames.join(', '), '|', scaled.kernel.shape.join(' × '));

await runtime.close();
await model.close();
