// A causal model: its answers are whole texts behind the prompt, of any number of tokens.
// npx tsx causal-model.ts [directory or id of a model, such as gpt2]
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { openLens } from '@ntk-lens/lens';
import { dotChart } from '@ntk-lens/report';

// Without a model it takes a GPT-2 that fits into this folder. Its weights are random, so its own answers are guesses.
const model = process.argv[2] ?? fileURLToPath(new URL('tiny-gpt2', import.meta.url));
const lens = await openLens({ model });

const task = await lens.task('sentiment', {
  data: fileURLToPath(new URL('tickets.csv', import.meta.url)),
  textColumns: ['message'],
  labelColumn: 'team',
  template: 'Ticket:*+sent_0*\\nFor the team of:*mask*',
  words: { delivery: 'parcels and couriers', billing: 'invoices and refunds' },
  labelRule: 'joint', // log p of the whole answer, not of its first token
  shots: 8,
  seed: 42,
});
const kernels = [];
for (const formula of ['sgd', 'signgd']) {
  const { test, zeroShot } = await lens.solve(await lens.kernel(task, { formula }));
  kernels.push({
    label: `kernel of ${formula}`,
    value: test.accuracy!,
    kind: 2,
    zeroShot: zeroShot!.test.accuracy!,
  });
}
const dots = [
  { label: 'majority', value: 0.5, kind: 0, guide: true },
  { label: 'zero-shot', value: kernels[0]!.zeroShot, kind: 1 },
  ...kernels,
];
for (const { label, value } of dots) console.log(label.padEnd(18), `${(100 * value).toFixed(1)} %`);
const svg = dotChart({
  title: `${lens.name}, a ${lens.objective} model, on tickets.csv`,
  subtitle: `${task.labels.test.length} test tickets`,
  axis: 'test accuracy',
  percent: true,
  dots,
});
await writeFile('causal-model.svg', svg);
await lens.close();
