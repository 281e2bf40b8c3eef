// A kernel on a cluster: a plan, workers that share nothing but a directory, and what they computed put together.
// npx tsx cluster.ts
import { spawn } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { loadKernel } from '@ntk-lens/lens';
import { dotChart } from '@ntk-lens/report';

const program = (process.env['NTK_LENS'] ?? 'npx ntk-lens').split(' ');
const model = fileURLToPath(new URL('tiny-gpt2', import.meta.url));
const [workers, shared, alone] = [3, 'cluster-shared', 'cluster-alone'];
const began = performance.now();
const seconds = () => (performance.now() - began) / 1000;
const steps: { name: string; from: number; to: number }[] = [];

/** Runs the program to its end; on a cluster, each call is a job on a machine of its own. */
const job = async (name: string, ...words: readonly string[]) => {
  const from = seconds();
  const child = spawn(program[0]!, [...program.slice(1), ...words], { stdio: 'inherit' });
  const code = await new Promise((ended) => child.on('close', ended));
  if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}.`);
  steps.push({ name, from, to: seconds() });
};

const task = ['--model', model, '--task', 'sentiment', '--template', '*sent_0*_It_was*mask*'];
const words = [
  '--mapping',
  '{"negative":"is","positive":"the"}',
  '--shots',
  '16',
  '--limit-test',
  '96',
  '--threads',
  '1',
];
await Promise.all([shared, alone].map((folder) => rm(folder, { recursive: true, force: true })));

await job('plan', 'kernel', ...task, ...words, '--out', shared, '--plan-units', '--workers', `${workers}`);
await Promise.all(
  Array.from({ length: workers }, (_, i) =>
    job(`worker ${i}`, 'worker', '--units', shared, '--index', `${i}/${workers}`, '--model', model),
  ),
);
await job('assemble', 'worker', '--units', shared, '--assemble', '--model', model);
await job('one process', 'kernel', ...task, ...words, '--out', alone);

// A kernel that was cut into parts agrees with one that was not up to rounding.
const load = async (folder: string) => (await loadKernel(folder)).splits.test.kernel.data;
const [parts, whole] = [await load(shared), await load(alone)];
const largest = (values: ArrayLike<number>) => Math.max(...Array.from(values, Math.abs));
const error = largest(whole.map((value, i) => value - parts[i]!)) / largest(whole);
console.log(`${workers} workers and one process differ by ${error.toExponential(1)} of the largest entry.`);
const svg = dotChart({
  title: `A kernel by ${workers} workers`,
  subtitle: `it differs by ${error.toExponential(1)} from that of one process`,
  axis: 'seconds; lines: from start to end',
  dots: steps.map(({ name, from, to }) => ({ label: name, value: to, interval: [from, to] as const })),
});
await writeFile('cluster.svg', svg);
