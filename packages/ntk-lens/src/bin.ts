#!/usr/bin/env node
import { listenForInterrupt } from './cli/interrupt.js';
import { main } from './cli/main.js';

const { stdout, stderr, env } = process;
const { signal, stop, dispose } = listenForInterrupt(stderr);
// A reader that closes early (head, less) is no failure, but nobody waits for the rest.
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    stop();
  });
}
process.exitCode = await main(process.argv.slice(2), { stdout, stderr, env, signal });
dispose();
