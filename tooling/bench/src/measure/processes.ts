import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { BenchName } from '../front/benches.js';
import { MeasurementFailedError } from '../front/errors.js';

/** Flags of Node that run the packages' sources. */
export const sourceFlags = (): readonly string[] => [
  '--conditions=@ntk-lens/source',
  '--import',
  import.meta.resolve('tsx'),
];

const running = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of running) child.kill();
});

/**
 * Runs a program; errors go to the terminal as they come.
 *
 * @param output its output is read, or goes to the terminal
 * @returns the last line of what is read
 * @throws MeasurementFailedError
 */
export const lastLine = (
  program: string,
  argv: readonly string[],
  { input = '', output = 'read' as 'read' | 'terminal', cwd = undefined as string | undefined } = {},
): Promise<string> =>
  new Promise((resolve, reject) => {
    const command = [program, ...argv].join(' ');
    const child = spawn(program, argv, {
      stdio: ['pipe', output === 'read' ? 'pipe' : 'inherit', 'inherit'],
      cwd,
    });
    running.add(child);
    const chunks: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', ({ message }) => reject(new MeasurementFailedError(command, message)));
    child.on('close', (code, signal) => {
      running.delete(child);
      if (code === 0) resolve(Buffer.concat(chunks).toString().trim().split('\n').at(-1)!);
      else reject(new MeasurementFailedError(command, signal ?? `exit code ${code}`));
    });
    // A program that ends before it has read everything says why by its exit code.
    child.stdin!.on('error', () => {});
    child.stdin!.end(input);
  });

/** Words of a command line; undefined and false are left out. */
export const flagsFor = (options: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(options).flatMap(([name, value]) => {
    if (value === undefined || value === false) return [];
    return value === true ? [`--${name}`] : [`--${name}`, String(value)];
  });

const front = fileURLToPath(new URL('../bench.ts', import.meta.url));

/** Runs a bench in a process of its own, so that its time and its peak memory are its own; its last line is JSON. */
export const runApart = async <T>(
  bench: BenchName,
  options: Readonly<Record<string, unknown>>,
): Promise<T> => {
  const argv = [...sourceFlags(), front, bench, ...flagsFor(options)];
  return JSON.parse(await lastLine(process.execPath, argv)) as T;
};
