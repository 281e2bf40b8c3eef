import { writeSync } from 'node:fs';
import { isNtkLensError, Mt19937 } from '@ntk-lens/core';
import { type Chunk, type ChunkResult, CLOCK, INPUTS_PER_SEED, NOTHING_RUNS } from './chunk.js';
import type { FuzzTarget, OpenTarget } from './target.js';

const [seedText, targets] = process.argv.slice(2);
const seed = Number(seedText);
const { fuzzTargets } = (await import(targets!)) as { readonly fuzzTargets: readonly FuzzTarget[] };
const opened = new Map<string, OpenTarget<unknown>>();

const open = async (name: string): Promise<OpenTarget<unknown>> => {
  const known = opened.get(name);
  if (known) return known;
  const target = await fuzzTargets.find((candidate) => candidate.name === name)!.open();
  opened.set(name, target);
  return target;
};

/** Tells the process that watches which input runs, in one write that does not wait for the event loop. */
const number = new Int32Array(1);
const tell = (running: number): void => {
  number[0] = running;
  writeSync(CLOCK, number);
};

/** Runs inputs `from` to `to`. */
const run = async ({ target, from, to }: Chunk): Promise<ChunkResult> => {
  const { make, read } = await open(target);
  const result: ChunkResult = { inputs: 0, accepted: 0, refused: 0, slowest: 0, faults: [] };
  let random = new Mt19937([seed, Math.floor(from / INPUTS_PER_SEED)]);
  for (let i = from; i < to; i++) {
    if (i % INPUTS_PER_SEED === 0) random = new Mt19937([seed, i / INPUTS_PER_SEED]);
    const input = make(random);
    tell(i);
    const start = performance.now();
    try {
      await read(input);
      result.accepted++;
    } catch (error) {
      if (isNtkLensError(error)) result.refused++;
      else result.faults.push({ number: i, error: describe(error), input: shown(input) });
    }
    result.slowest = Math.max(result.slowest, performance.now() - start);
    result.inputs++;
  }
  tell(NOTHING_RUNS);
  return result;
};

const describe = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? String(error)).split('\n').slice(0, 4).join('\n') : String(error);

const shown = (input: unknown): string =>
  JSON.stringify(input, (_, value: unknown) =>
    value instanceof Uint8Array ? `base64 ${Buffer.from(value).toString('base64')}` : value,
  ).slice(0, 20_000);

process.on('message', async (chunk: Chunk) => process.send!(await run(chunk)));
process.send!('ready');
