import { createRuntime } from '@ntk-lens/engine';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { encoderStates, forwardLogits, loadModel } from '@ntk-lens/models';
import { loadTokenizer } from '@ntk-lens/tokenizers';

const model = await loadModel(modelDirectory);
const tokenizer = await loadTokenizer(modelDirectory);
const runtime = await createRuntime({ runtime: 'ort-cpu' });

const { cls, sep, mask } = tokenizer.special;
const prompt = (text: string) => {
  const before = [cls, ...tokenizer.encode(`${text} It was`)];
  return { inputIds: [...before, mask, ...tokenizer.encode('.'), sep], position: before.length };
};
const examples = ['A gentle, funny film.', 'Two hours of noise.'].map(prompt);
const labelWordIds = ['terrible', 'great'].map((word) => tokenizer.tokenToId(word)!);

const logits = await forwardLogits({ model, runtime, examples, labelWordIds }); // float64 [2, 2]
for (let i = 0; i < 2; i++) {
  const [terrible, great] = logits.data.subarray(2 * i) as unknown as [number, number];
  console.log(great > terrible ? 'great' : 'terrible');
}
const states = await encoderStates({ model, runtime, examples, pooling: 'mean' });
console.log(states.shape.join(' × '));

await runtime.close();
await model.close();
