// Runs a program with 48 MB of work memory fourteen times, and prints the median page faults of the last nine runs. It is the
// median, because a heap that grows once faults in one run, however well it is kept. It also prints the bytes of resident
// memory that trimming the runtime gave back, and those that closing it gave back after five more runs.
import { ndarray } from '@ntk-lens/core';
import { createRuntime } from '../node/create-runtime.js';
import type { Program } from '../program.js';

const shape = [1, 2 ** 21];
const program: Program = {
  name: 'work memory',
  inputs: { x: { dtype: 'float32', shape } },
  build: ({ x }) => ({
    y: [1, 2, 3, 4, 5, 6]
      .map((k) => x!.mul(k).exp())
      .reduce((a, b) => b.mul(a))
      .sum(),
  }),
};
const faults = () => process.resourceUsage().minorPageFault;

const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
const x = await runtime.upload(ndarray<'float32'>(new Float32Array(2 ** 21).fill(0.5), shape));
const counts: number[] = [];
for (let i = 0; i < 14; i++) {
  const before = faults();
  await runtime.compute(program, { x });
  counts.push(faults() - before);
}
const median = counts.slice(5).sort((a, b) => a - b)[4];
const givenBackBy = async (action: () => Promise<void>): Promise<number> => {
  const resident = process.memoryUsage.rss();
  await action();
  return resident - process.memoryUsage.rss();
};
const trimmed = await givenBackBy(() => runtime.trim(0));
for (let i = 0; i < 5; i++) await runtime.compute(program, { x });
const givenBack = await givenBackBy(() => runtime.close());
console.log(JSON.stringify({ faults: median, trimmed, givenBack }));
