// A worker that ends at the first request, as one does whose native library calls exit().
import { parentPort } from 'node:worker_threads';

parentPort?.on('message', () => process.exit(7));
