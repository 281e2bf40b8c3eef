import type { StartProgram } from '@ntk-lens/testing/state-scenarios';
import { main } from '../cli/main.js';

/** Runs the program in this process; it is interrupted by its signal. */
export const startInProcess: StartProgram = async (argv, stopAfter) => {
  const controller = new AbortController();
  let stderr = '';
  const code = await main(argv, {
    stdout: { write: () => {} },
    stderr: {
      write: (text) => {
        stderr += text;
        if (stopAfter?.test(stderr)) controller.abort();
      },
    },
    env: {},
    signal: controller.signal,
  });
  const line = stderr.split('\n').find((text) => text.startsWith('{"type":"error"'));
  return { code, error: line === undefined ? undefined : JSON.parse(line) };
};
