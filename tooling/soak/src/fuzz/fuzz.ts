import { fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type Chunk, type ChunkResult, CLOCK, INPUTS_PER_SEED, NOTHING_RUNS } from './chunk.js';
import type { FuzzTarget } from './target.js';

/** An input is taken to hang after this long, far above what the slowest take on a busy machine. */
const HANGS_AFTER_MS = 20_000;
/** Memory of a parser and its input; more is a fault. */
const HEAP_MB = 1_024;

/** The outcomes of a target's inputs. */
export interface FuzzResult extends ChunkResult {
  readonly name: string;
  hung: number;
}

const chunksOf = ({ name: target, inputs }: Asked): Chunk[] => {
  const size = Math.max(1, Math.min(100, Math.ceil(inputs / INPUTS_PER_SEED / 20))) * INPUTS_PER_SEED;
  return Array.from({ length: Math.ceil(inputs / size) }, (_, k) => ({
    target,
    from: k * size,
    to: Math.min(inputs, (k + 1) * size),
  }));
};

export interface FuzzOptions {
  readonly seed: number;
  /** Module that exports `fuzzTargets`. Default: every parser. */
  readonly targets?: URL;
  /** Milliseconds. */
  readonly hangsAfter?: number;
  readonly onInputs?: (count: number) => void;
}

type Asked = Pick<FuzzTarget, 'name' | 'inputs'>;

/** Processes that wait for the next target. */
const idle: Reader[] = [];

/** Ends the processes. */
export const closeReaders = (): void => {
  for (const reader of idle.splice(0)) reader.close();
};

/** Gives a parser its inputs in another process, which is ended where an input hangs it or fills its memory. */
export const fuzz = async (target: Asked, options: FuzzOptions): Promise<FuzzResult> => {
  const { name } = target;
  const total: FuzzResult = { name, inputs: 0, accepted: 0, refused: 0, hung: 0, slowest: 0, faults: [] };
  const chunks = chunksOf(target);
  let reader = idle.pop() ?? (await openReader(options));
  while (chunks.length > 0) {
    const chunk = chunks.shift()!;
    const outcome = await reader.run(chunk);
    if ('result' in outcome) {
      const { result } = outcome;
      for (const key of ['inputs', 'accepted', 'refused'] as const) total[key] += result[key];
      total.slowest = Math.max(total.slowest, result.slowest);
      total.faults.push(...result.faults);
      options.onInputs?.(result.inputs);
      continue;
    }
    // The inputs before it in the chunk run again; it is left out. A chunk begins where random numbers do.
    total.faults.push({ number: outcome.number, error: outcome.error, input: '' });
    total.hung++;
    reader = await openReader(options);
    const begin = outcome.number - (outcome.number % INPUTS_PER_SEED);
    const next = Math.min(chunk.to, begin + INPUTS_PER_SEED);
    if (next < chunk.to) chunks.unshift({ ...chunk, from: next });
    if (chunk.from < begin) chunks.unshift({ ...chunk, to: begin });
  }
  idle.push(reader);
  return total;
};

type Outcome = { readonly result: ChunkResult } | { readonly number: number; readonly error: string };

const worker = fileURLToPath(new URL('./fuzz-worker.ts', import.meta.url));

interface Reader {
  readonly run: (chunk: Chunk) => Promise<Outcome>;
  readonly close: () => void;
}

const openReader = async ({
  seed,
  targets = new URL('../targets/index.ts', import.meta.url),
  hangsAfter = HANGS_AFTER_MS,
}: FuzzOptions): Promise<Reader> => {
  const child = fork(worker, [String(seed), targets.href], {
    execArgv: ['--conditions=@ntk-lens/source', '--import', 'tsx', `--max-old-space-size=${HEAP_MB}`],
    serialization: 'advanced',
    stdio: ['ignore', 'inherit', 'inherit', 'ipc', 'pipe'],
  });
  let [running, since] = [NOTHING_RUNS, performance.now()];
  const left = Buffer.alloc(4);
  let filled = 0;
  (child.stdio[CLOCK] as Readable).on('data', (data: Buffer) => {
    // Only the last whole number matters; numbers can be cut where the stream is.
    const bytes = Buffer.concat([left.subarray(0, filled), data]);
    filled = bytes.length % 4;
    if (bytes.length >= 4)
      [running, since] = [bytes.readInt32LE(bytes.length - filled - 4), performance.now()];
    bytes.copy(left, 0, bytes.length - filled);
  });
  const opened = await new Promise<boolean>((resolve) => {
    child.once('message', () => resolve(true));
    child.once('exit', () => resolve(false));
  });
  if (!opened) throw new Error('The process that reads inputs does not start.');
  const run = (chunk: Chunk): Promise<Outcome> =>
    new Promise((resolve) => {
      const end = (outcome: Outcome): void => {
        clearInterval(watch);
        child.removeAllListeners();
        resolve(outcome);
      };
      since = performance.now();
      const watch = setInterval(() => {
        if (running === NOTHING_RUNS || performance.now() - since < hangsAfter) return;
        child.kill('SIGKILL');
        end({ number: running, error: `runs for more than ${hangsAfter / 1000} s` });
      }, 250);
      child.once('message', (result: ChunkResult) => end({ result }));
      child.once('exit', (code, signal) =>
        end({ number: Math.max(running, chunk.from), error: `ends its process with ${code ?? signal}` }),
      );
      child.send(chunk);
    });
  return { run, close: () => void child.kill('SIGKILL') };
};
