#!/usr/bin/env node
import { askOn } from './cli/ask.js';
import { exitCodes } from './cli/exit-code.js';
import { interruptible } from './cli/interrupt.js';
import { main } from './cli/main.js';
import { terminable } from './cli/terminate.js';

const { stdin, stdout, stderr, env } = process;
const ask = askOn(stdin, stdout);
const { signal, stop, listen } = interruptible(stderr);
const listenToTerm = terminable(stderr);
const onWork = (on: boolean): void => {
  listen(on);
  listenToTerm(on);
};
// A process that started this one as a worker stops it by hanging up, and so does its end.
process.on('disconnect', stop);
process.channel?.unref();
let lost: NodeJS.ErrnoException | undefined;
let closed = false;
for (const stream of [stdout, stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    // Nobody waits for the rest.
    stop();
    // A reader that closes early (head, less) is no failure; output that is lost is one.
    if (error.code === 'EPIPE') closed = true;
    if (closed || lost) return;
    lost = error;
    process.exitCode = exitCodes.failure;
    if (stream === stdout)
      stderr.write(`error: the output could not be written (${error.code}). Check where it goes.\n`);
  });
}
const onUnits = process.send && ((done: number) => void process.send!({ done }));
const context = { stdout, stderr, env, signal, ask, onWork, onUnits };
const code = await main(process.argv.slice(2), context).catch((error) => {
  // Where even printing an error fails, as it does when no more files can be opened.
  stderr.write(`error: ${error instanceof Error ? error.message : String(error)}\n`);
  return exitCodes.failure;
});
// Work that ended because nobody reads any more ends as the signal of a closed pipe would have it.
const ended = closed && code === exitCodes.cancelled ? exitCodes.closed : code;
process.exitCode = lost ? exitCodes.failure : ended;
onWork(false);
