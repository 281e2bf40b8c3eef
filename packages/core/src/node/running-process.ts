import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** A process, as a file names it, so that others can tell whether it still runs. */
export interface NamedProcess {
  readonly pid: number;
  readonly host: string;
  /** Tells the process from a later one of the same number; empty where the system does not say. */
  readonly started: string;
}

/** When a process started, in ticks since the machine did, and which start of the machine that was. */
const startOf = (pid: number): string => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The name of the program, in parentheses, may hold spaces.
    const ticks = text.slice(text.lastIndexOf(')') + 2).split(' ')[19];
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()} ${ticks}`;
  } catch {
    return '';
  }
};

/** This process, under the name by which {@link isRunning} knows it. */
export const thisProcess = (): NamedProcess => {
  const { pid } = process;
  return { pid, host: hostname(), started: startOf(pid) };
};

/** Whether a process runs; undefined for one of another host, of which this one knows nothing. */
export const isRunning = ({ pid, host, started }: NamedProcess): boolean | undefined => {
  if (host !== hostname()) return undefined;
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of another user exists, and may not be asked.
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = startOf(pid);
  return !started || now === '' || started === now;
};
