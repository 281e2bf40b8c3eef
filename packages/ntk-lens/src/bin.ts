#!/usr/bin/env node
import { interruptSignal } from './cli/interrupt.js';
import { main } from './cli/main.js';

// A reader that closes early (head, less) is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(process.exitCode ?? 0);
    throw error;
  });
}

const { stdout, stderr, env } = process;
const { signal, dispose } = interruptSignal(stderr);
process.exitCode = await main(process.argv.slice(2), { stdout, stderr, env, signal });
dispose();
