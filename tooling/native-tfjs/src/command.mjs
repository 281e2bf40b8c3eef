import { spawnSync } from 'node:child_process';
import { BuildError } from './errors.mjs';

const TAIL_LINES = 15;

/** Runs a program to its end without a shell. `missing` is true where there is no such program. */
export function tryCommand(program, args, options = {}) {
  const result = spawnSync(program, args, {
    encoding: 'utf8',
    maxBuffer: 64 * 2 ** 20,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  return {
    ok: result.status === 0,
    missing: result.error?.code === 'ENOENT',
    stdout: result.stdout ?? '',
    stderr: result.stderr ?? '',
    reason:
      result.error?.message ?? (result.signal ? `signal ${result.signal}` : `exit code ${result.status}`),
  };
}

/** As `tryCommand`, but a failure is a `BuildError` that begins with `failure` and ends with the program's last lines. */
export function runCommand(program, args, failure, options = {}) {
  const result = tryCommand(program, args, options);
  if (!result.ok) {
    throw new BuildError(`${failure}\n${program} ended with ${result.reason}:\n${lastLines(result)}`);
  }
  return result.stdout;
}

export function lastLines({ stdout, stderr }) {
  const text = stderr.trim() === '' ? stdout : stderr;
  return text.trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
