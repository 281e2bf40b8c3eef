// @ts-check
// Runs ONNX Runtime on a thread of its own: `session.run` blocks the thread it is called on, and progress
// and Ctrl-C must stay alive. Plain JavaScript, so that Node can start it from the sources without a build.
import { createRequire } from 'node:module';
import { parentPort, workerData } from 'node:worker_threads';
import { createSessionHost } from '../../ort/session-host.js';
import { BufferPool } from './buffer-pool.js';
import { createFillingSessions } from './filling-sessions.js';

/** @typedef {{ id?: number, method: import('../../ort/session-client.js').SessionMethod, args: readonly unknown[] }} Request */

const { library, executionProvider, threads, closing } = workerData;
const ort = createRequire(import.meta.url)(library);

const host = createSessionHost(ort, {
  results: { pool: new BufferPool(), sessions: createFillingSessions(ort) },
  sessionOptions: {
    executionProviders: [executionProvider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Fatal only: what goes wrong comes back as an exception, which names the program.
    logSeverityLevel: 4,
    // Threads that wait by spinning starve whatever else runs on a shared machine.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  },
});

/** Memory of the arrays that a call returns; nobody uses them here any more. @param {Request['method']} method @param {any} result */
const buffersOf = (method, result) => {
  if (method === 'download') return [result.data.buffer];
  if (method === 'reclaim') return result ? [result] : [];
  return method === 'compute' ? Object.values(result).map(({ data }) => data.buffer) : [];
};

// Requests run one after another, in the order in which they came. One without an id wants no answer. After the
// client closed, what still waits is dropped, and the thread ends with its port.
let queue = Promise.resolve();
parentPort?.on('message', (/** @type {Request} */ { id, method, args }) => {
  queue = queue.then(async () => {
    if (Atomics.load(closing, 0) === 1) {
      parentPort?.close();
      return;
    }
    try {
      const result = await host.call(method, args);
      if (id !== undefined) parentPort?.postMessage({ id, result }, buffersOf(method, result));
    } catch (error) {
      if (id !== undefined)
        parentPort?.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
    }
  });
});
