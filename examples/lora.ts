// A kernel in the space of LoRA, next to fine-tuning by LoRA: do they answer alike?
// npx tsx lora.ts
import { writeFile } from 'node:fs/promises';
import { marginsOf, openLens, predictionsOf } from '@ntk-lens/lens';
import { scatterChart } from '@ntk-lens/report';

const lens = await openLens({ space: 'lora:r=8' });
const task = await lens.task('sentiment', { shots: 8, limitTest: 40, seed: 42 });

const kernel = await lens.kernel(task, { formula: 'sgd' });
const solved = await lens.solve(kernel);
const tuned = await lens.fineTune(task, {
  optimizer: 'sgd',
  learningRates: [0.5],
  steps: 40,
  evaluateEvery: 10,
});
console.log(`${tuned.dimension} parameters move`);
console.log('zero-shot  ', solved.zeroShot!.test.accuracy);
console.log('LoRA kernel', solved.test.accuracy, solved.chosen);
console.log('LoRA tuned ', tuned.test.accuracy);

// The margin of an answer is the logit of the right label minus the other one.
const margins = (values: ArrayLike<number>) => Array.from(values);
const byKernel = margins(predictionsOf(solved, 'test').kernel.margins!);
const byTuning = margins(marginsOf(tuned.logits, task.labels.test));
const agree = byKernel.filter((margin, i) => margin > 0 === byTuning[i]! > 0).length;
console.log(`they agree on ${agree} of ${byKernel.length} sentences`);

const scaled = (values: readonly number[]) => {
  const size = Math.max(...values.map(Math.abs));
  return values.map((value) => value / size);
};
const [x, y] = [scaled(byKernel), scaled(byTuning)];
const svg = scatterChart({
  title: 'LoRA, as a kernel and fine-tuned',
  subtitle: `the same answer for ${agree} of ${x.length} test sentences`,
  x: 'margin of the kernel, largest = 1',
  y: 'margin after fine-tuning, largest = 1',
  panels: [
    {
      title: `kernel ${solved.test.accuracy}, fine-tuned ${tuned.test.accuracy}`,
      series: task.spec.labels.map((label, index) => ({
        label,
        points: x.flatMap((value, i) => (task.labels.test[i] === index ? [[value, y[i]!] as const] : [])),
      })),
    },
  ],
});
await writeFile('lora.svg', svg);
await lens.close();
