// The script of the page: kernels of sentences, by a model that is fetched as three files.
import { ndarray } from '@ntk-lens/core';
import { openLens } from '@ntk-lens/lens';
import { heatMap } from '@ntk-lens/report';

const file = (name) => fetch(`model/${name}`);
const [config, tokenizer, weights] = await Promise.all([
  file('config.json').then((answer) => answer.text()),
  file('tokenizer.json').then((answer) => answer.text()),
  file('model.safetensors').then((answer) => answer.blob()),
]);
const lens = await openLens({ model: { name: 'tiny GPT-2', config, tokenizer, weights } });

const find = (selector) => document.querySelector(selector);
find('button').onclick = async () => {
  const start = performance.now();
  const texts = find('textarea').value.split('\n').filter(Boolean);
  const task = await lens.examples({
    texts: [...texts, texts[0], texts[0]], // one sentence to choose on, one to test on: neither is looked at
    labels: [...texts, 'a', 'a'].map((_, i) => (i % 2 ? 'b' : 'a')),
    split: [...texts.map(() => 'train'), 'dev', 'test'],
    template: '*sent_0*_It_is_about*mask*',
    words: { a: 'p', b: 'i' },
    shots: 1,
  });
  const { splits } = await lens.kernel(task, { formula: 'cosine', binary: true });
  const side = { label: 'sentences', groups: texts.map((_, i) => i), names: texts };
  const values = ndarray(splits.train.kernel.data, [texts.length, texts.length]);
  find('figure').innerHTML = heatMap({
    title: 'Cosines of gradients',
    value: 'cosine',
    values,
    rows: side,
    columns: side,
  });
  find('output').textContent = `${texts.length} sentences in ${Math.round(performance.now() - start)} ms`;
};
find('output').textContent = 'The model is ready.';
