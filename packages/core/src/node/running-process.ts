import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { areGoingOn, ownRun, type SlurmRun } from './slurm.js';

/** A process, as a file names it, so that others can tell whether it still runs. */
export interface NamedProcess {
  readonly pid: number;
  readonly host: string;
  /** Tells the process from a later one of the same number; empty where the system does not say. */
  readonly started: string;
  /** The run of a job of SLURM to which it belongs. */
  readonly slurm?: SlurmRun;
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

/** This process, under the name by which {@link areRunning} knows it. */
export const thisProcess = (): NamedProcess => {
  const { pid } = process;
  const slurm = ownRun();
  return { pid, host: hostname(), started: startOf(pid), ...(slurm && { slurm }) };
};

/** Whether a process runs; undefined for one of another host. */
const runsHere = ({ pid, host, started }: NamedProcess): boolean | undefined => {
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

/**
 * Whether processes run. Those of this host are looked at, and SLURM is asked once for the others, where it started them.
 * Undefined for a process of which nothing is known.
 */
export const areRunning = async (
  processes: readonly NamedProcess[],
): Promise<readonly (boolean | undefined)[]> => {
  const here = processes.map(runsHere);
  const elsewhere = processes.flatMap(({ slurm }, i) => (here[i] === undefined && slurm ? [slurm] : []));
  if (elsewhere.length === 0) return here;
  const answers = await areGoingOn(elsewhere);
  return processes.map(({ slurm }, i) =>
    here[i] === undefined && slurm ? answers[elsewhere.indexOf(slurm)] : here[i],
  );
};
