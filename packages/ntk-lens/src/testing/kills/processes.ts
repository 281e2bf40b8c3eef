import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Numbers of the processes that a process started and that still run. */
export const childrenOf = async (parent: number): Promise<readonly number[]> => {
  const { stdout } = await run('ps', ['-A', '-o', 'pid=,ppid=,stat=,args=']);
  return stdout.split('\n').flatMap((line) => {
    const [pid, ppid, state = '', ...args] = line.trim().split(/\s+/);
    return Number(ppid) === parent && !state.startsWith('Z') && args.includes('worker') ? [Number(pid)] : [];
  });
};

/** Kills a process that may be gone; @returns whether it was there */
export const killed = (pid: number): boolean => {
  try {
    process.kill(pid, 'SIGKILL');
    return true;
  } catch {
    return false;
  }
};
