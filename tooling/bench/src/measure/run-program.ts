import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { lastLine, sourceFlags } from './processes.js';

/** Time and memory of a run of the program. */
export interface ProgramRun {
  readonly seconds: number;
  /** Processor seconds of all threads. */
  readonly cpu: number;
  /** MiB, as the kernel marks it (VmHWM). */
  readonly peakMebibytes: number;
}

const program = fileURLToPath(new URL('../../../../packages/ntk-lens/src/bin.ts', import.meta.url));

/**
 * Runs `ntk-lens` from its sources in a process of its own; what it prints goes to the terminal.
 *
 * @param scratch a folder for what the process says at its end
 * @throws MeasurementFailedError
 */
export const runProgram = async (argv: readonly string[], scratch: string): Promise<ProgramRun> => {
  const file = `${scratch}/peak.json`;
  process.env['NTK_LENS_BENCH_PEAK'] = file;
  const hook = new URL('./peak-at-exit.mjs', import.meta.url).href;
  const start = performance.now();
  await lastLine(process.execPath, [...sourceFlags(), '--import', hook, program, ...argv], {
    output: 'terminal',
  });
  const { peakKibibytes, cpu } = JSON.parse(readFileSync(file, 'utf8')) as {
    readonly peakKibibytes: number;
    readonly cpu: number;
  };
  return { seconds: (performance.now() - start) / 1000, cpu, peakMebibytes: peakKibibytes / 1024 };
};
