// Runs a program with 48 MB of work memory ten times; prints the page faults of the last five, and the bytes of resident
// memory that closing the runtime gave back.
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
let before = 0;
for (let i = 0; i < 10; i++) {
  if (i === 5) before = faults();
  await runtime.compute(program, { x });
}
const counted = faults() - before;
const resident = process.memoryUsage.rss();
await runtime.close();
console.log(JSON.stringify({ faults: counted, givenBack: resident - process.memoryUsage.rss() }));
