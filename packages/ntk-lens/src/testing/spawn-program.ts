import { type ChildProcess, spawn } from 'node:child_process';

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnOptions {
  /** Sees all that was printed so far: nothing, when the process is there. */
  readonly onStderr?: (text: string, child: ChildProcess) => void;
  /** Arguments after the others. */
  readonly more?: readonly string[];
  /** Flags of Node. */
  readonly flags?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds after which it is stopped by SIGABRT. Default: never. */
  readonly timeout?: number;
}

/** Runs a bundled program in a process of its own, as a user starts it. */
export const spawnProgram = (
  program: string,
  argv: readonly string[],
  { onStderr, more = [], flags = [], env = {}, timeout }: SpawnOptions = {},
): Promise<Finished> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...flags, program, ...argv, ...more], {
      env: { ...process.env, NO_COLOR: '1', ...env },
      ...{ timeout, killSignal: 'SIGABRT' },
    });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (data) => {
      stdout += data;
    });
    child.stderr.on('data', (data) => {
      stderr += data;
      onStderr?.(stderr, child);
    });
    child.on('spawn', () => onStderr?.('', child));
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
