import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Peak memory of this process so far, MiB. */
export const peakMebibytes = (): number => process.resourceUsage().maxRSS / 1024;

/** Processor seconds of all threads, compiling and collecting garbage among them, since an earlier `process.cpuUsage()`. */
export const cpuSeconds = (since?: NodeJS.CpuUsage): number => {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1e6;
};

/** Seconds, and seconds of all processors, that work takes. */
export const timed = async (
  work: () => unknown,
): Promise<{ readonly seconds: number; readonly cpu: number }> => {
  const [start, cpu] = [performance.now(), process.cpuUsage()];
  await work();
  return { seconds: (performance.now() - start) / 1000, cpu: cpuSeconds(cpu) };
};

/** A folder that is removed when the process ends, also by an error or a signal. */
export const scratchFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'ntk-lens-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** Writes figures where they are asked for. */
export const writeFigures = (file: string | undefined, figures: unknown): void => {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(figures, undefined, 2)}\n`);
};
