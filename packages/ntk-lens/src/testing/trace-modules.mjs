// Node's module hooks, run with `--import`: appends the URL of every module that is loaded to $TRACE_FILE.
import { appendFileSync } from 'node:fs';
import { register } from 'node:module';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) register(import.meta.url);

export const load = (url, context, nextLoad) => {
  appendFileSync(process.env.TRACE_FILE, `${url}\n`);
  return nextLoad(url, context);
};
