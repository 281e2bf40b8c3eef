// Stores a kernel row by row, as the program does with one that exceeds its memory; a test kills it.
import { openLens } from '@ntk-lens/lens';

const [model = '', directory = ''] = process.argv.slice(2);
const lens = await openLens({ model, runtime: 'ort-cpu', threads: 1 });
const task = await lens.task('sentiment', { shots: 3, limitTest: 6 });
await lens.storeKernel(task, { directory, formula: 'a-signgd', binary: true });
await lens.close();
