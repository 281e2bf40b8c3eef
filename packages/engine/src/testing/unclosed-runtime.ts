// Computes on a runtime, never closes it and prints when it is done: the process must end all the same.
import { createRuntime } from '../node/create-runtime.js';
import { runSample } from './run-sample.js';

const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 2 });
const { value } = await runSample(runtime);
console.log(`computed ${value!.data.length} number on ${runtime.info.runtime}`);
