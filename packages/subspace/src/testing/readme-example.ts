import { createRuntime } from '@ntk-lens/engine';
import { computeKernels } from '@ntk-lens/kernels';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { loadModel } from '@ntk-lens/models';
import { kernelDistance, parseSpace } from '@ntk-lens/subspace';
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
  runtime,
  formula: 'sgd' as const,
  labelWordIds: ['terrible', 'great'].map((word) => tokenizer.tokenToId(word)!),
  train: ['A gentle, funny film.', 'Two hours of noise.', 'Warm and very funny.'].map(prompt),
  queries: {},
};

const { train: full } = await computeKernels({ ...request, model });
for (const spec of ['lora:r=8', 'bitfit', 'ia3', 'prefix:5']) {
  const space = await parseSpace(spec).apply(model, { seed: 1 });
  const { train } = await computeKernels({ ...request, ...space.kernel });
  const { relative } = kernelDistance(train.kernel, full.kernel);
  console.log(`${spec}: ${space.dimension} parameters, ${Math.round(100 * relative)} % from the full kernel`);
}

await runtime.close();
await model.close();
