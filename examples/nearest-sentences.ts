// The training sentences that a prediction rests on: those nearest to it in the kernel.
// npx tsx nearest-sentences.ts "The popcorn was the best part."
import { writeFile } from 'node:fs/promises';
import { openLens } from '@ntk-lens/lens';
import { dotChart } from '@ntk-lens/report';

const sentence = process.argv[2] ?? 'I laughed all the way home.';
const positive = ['A warm film made me smile.', 'I smiled to the end.', 'We sang.', 'Every scene is a gift.'];
const negative = ['Two hours of noise.', 'I fell asleep early.', 'We left angry.', 'Every joke is stale.'];
const known = Object.entries({ positive, negative }).flatMap(([label, texts]) =>
  texts.map((text) => ({ label, text })),
);
const asked = { label: 'positive', text: sentence }; // its label is only for scores, which are not looked at

const lens = await openLens();
const all = [...known, asked, asked];
const task = await lens.examples({
  texts: all.map(({ text }) => text),
  labels: all.map(({ label }) => label),
  split: [...known.map(() => 'train' as const), 'dev', 'test'],
  template: '*cls**sent_0*_It_was*mask*.*sep+*',
  words: { negative: 'terrible', positive: 'great' },
});
const kernel = await lens.kernel(task, { formula: 'sgd', binary: true });
const [prediction] = await lens.predict(await lens.solve(kernel, { ridge: [0.1] }), [sentence]);
console.log(`"${sentence}" is ${prediction!.label}`);

// K(ξ, ξ′) / √K(ξ, ξ): how far a step of length one on the training sentence ξ moves the prediction; less their mean.
const gram = kernel.splits.train.kernel.data; // [8, 1, 8, 1]
const steps = [...kernel.splits.test.kernel.data].map((k, i) => k / Math.sqrt(gram[i * known.length + i]!));
const mean = steps.reduce((sum, x) => sum + x, 0) / steps.length;
const moves = steps.map((x) => x - mean);
const ranked = task.sets.train
  .map(({ texts }, i) => ({
    text: texts[0]!,
    label: task.spec.labels[task.labels.train[i]!]!,
    move: moves[i]!,
  }))
  .sort((a, b) => b.move - a.move);
for (const { move, label, text } of ranked) console.log(move.toFixed(1).padStart(6), label, text);

const dots = ranked.map(({ text, label, move }) => ({
  label: text,
  value: move,
  kind: label === 'positive' ? 1 : 2,
}));
const title = `Nearest to “${sentence}”`;
const subtitle = `predicted ${prediction!.label}; squares: positive sentences, triangles: negative`;
await writeFile(
  'nearest-sentences.svg',
  dotChart({ title, subtitle, axis: 'K(ξ, ξ′) / √K(ξ, ξ), less the mean', dots }),
);
await lens.close();
