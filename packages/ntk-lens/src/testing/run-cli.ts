import type { CliContext } from '../cli/context.js';
import { main } from '../cli/main.js';

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the program in this process and collects what it printed. */
export const runCli = async (
  argv: readonly string[],
  env: CliContext['env'] = {},
  signal: AbortSignal = new AbortController().signal,
  ask?: CliContext['ask'],
): Promise<CliResult> => {
  let [stdout, stderr] = ['', ''];
  const code = await main(argv, {
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env,
    signal,
    ask,
  });
  return { code, stdout, stderr };
};
