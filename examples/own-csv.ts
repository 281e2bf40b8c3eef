// The kernel of a file of your own, which has a column of texts and a column of labels.
// npx tsx own-csv.ts
import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ndarray } from '@ntk-lens/core';
import { openLens } from '@ntk-lens/lens';
import { heatMap } from '@ntk-lens/report';

const lens = await openLens(); // the embedded model

// `words` are what the model chooses between at the mask. 8 examples per label train, 8 choose, the rest test.
const task = await lens.task('sentiment', {
  data: fileURLToPath(new URL('tickets.csv', import.meta.url)),
  textColumns: ['message'],
  labelColumn: 'team',
  template: '*cls**sent_0*_This_is_about*mask*.*sep+*',
  words: { delivery: 'mail', billing: 'money' },
  shots: 8,
  seed: 42,
});
const kernel = await lens.kernel(task, { formula: 'sgd', binary: true });
const { test, zeroShot, chosen } = await lens.solve(kernel);
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
console.log(
  `test accuracy: zero-shot ${percent(zeroShot!.test.accuracy!)}, kernel ${percent(test.accuracy!)}`,
);
console.log('chosen on dev:', chosen);

// A picture of K(ξ, ξ′) from which the means of rows and columns are removed: they say nothing about labels.
const { data, shape } = kernel.splits.test.kernel; // [train, 1, test, 1]
const [rows, , columns] = shape as [number, number, number, number];
const mean = (of: (k: number) => boolean) => {
  const some = data.filter((_, k) => of(k));
  return some.reduce((sum, x) => sum + x, 0) / some.length;
};
const ofRow = Array.from({ length: rows }, (_, i) => mean((k) => Math.floor(k / columns) === i));
const ofColumn = Array.from({ length: columns }, (_, j) => mean((k) => k % columns === j));
const all = mean(() => true);
const centred = data.map((x, k) => x - ofRow[Math.floor(k / columns)]! - ofColumn[k % columns]! + all);
const side = (label: 'train' | 'test') => ({ label, groups: task.labels[label], names: task.spec.labels });
const svg = heatMap({
  title: 'Kernel of tickets.csv',
  subtitle: `right: zero-shot ${percent(zeroShot!.test.accuracy!)}, kernel ${percent(test.accuracy!)}`,
  value: 'K(ξ, ξ′), centred',
  values: ndarray(centred, [rows, columns]),
  rows: side('train'),
  columns: side('test'),
});
await writeFile('own-csv.svg', svg);
await lens.close();
