import { spawn } from 'node:child_process';

/**
 * Runs a command to its end.
 *
 * @returns the text of both streams
 * @throws Error with what it printed, if it ends with another code than `code`
 */
export const run = (command, args, { cwd, env = process.env, code: expected = 0 } = {}) =>
  new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === expected) resolve(output);
      else
        reject(
          new Error(
            `${[command, ...args].join(' ')} in ${cwd} ended with ${signal ?? code}, not ${expected}:\n${output.slice(-6000)}`,
          ),
        );
    });
  });
