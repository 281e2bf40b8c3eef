import { cp, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createRuntime, knownProfile } from '@ntk-lens/engine';
import { openLens, writeMachineProfile } from '@ntk-lens/lens';
import { compileTemplate } from '@ntk-lens/prompts';
import { fineTune, parseSpace, pointOf, writeAdapter } from '@ntk-lens/subspace';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { readerDirectory } from '../documents/reader-directory.js';

/** A directory of the reader that holds a tiny model. */
export const prepared = { model: 'my-model' } as const;

/** Bytes of a file in the working directory. */
export const bytesOf = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  Uint8Array.from(await readFile(name));

/** Trains the tiny model for ten steps, whose last point is kept, and its LoRA, whose adapter is written. */
const train = async (): Promise<void> => {
  const lens = await openLens({ model: prepared.model, runtime: 'ort-cpu', threads: 1 });
  const { model, tokenizer } = lens;
  const runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  const encode = compileTemplate('*cls**sent_0*_It_was*mask*.*sep+*', tokenizer);
  const examples = ['A gentle, funny film.', 'Two hours of noise.'].map((text) => encode([text]));
  const options = {
    ...{ runtime, labelWordIds: [6659, 2307], train: { examples, labels: [1, 0] } },
    ...{ optimizer: { name: 'sgd' } as const, learningRate: 1e-3, steps: 10 },
  };
  const full = await parseSpace('full').apply(model);
  await fineTune({ ...options, model: full, directory: 'runs/tuned', trajectory: [10] });
  const lora = await parseSpace('lora:r=8').apply(model, { seed: 1 });
  const { model: tuned } = await fineTune({ ...options, model: lora });
  await writeAdapter('my-adapter', lora.at(await pointOf(tuned, lora)), { baseModel: prepared.model });
  await runtime.close();

  const task = await lens.task('sentiment', { shots: 2, seed: 42, limitTest: 4 });
  const kernel = await lens.kernel(task, { formula: 'sgd' });
  for (const directory of ['kernels/sgd', 'runs/sst-2']) await kernel.save(directory);
  for (const directory of ['kernels/large', 'runs/large'])
    await lens.storeKernel(task, { formula: 'sgd', directory });
  await lens.close();
};

/** Makes the directory of a reader of docstrings: that of documents, and what some examples name. */
export const preparedDirectory = async (): Promise<string> => {
  const home = await readerDirectory();
  const start = process.cwd();
  process.chdir(home);
  try {
    for (const name of ['config.json', 'model.safetensors']) await cp(join(prepared.model, name), name);
    const torch = 'kernels/SST-2';
    for (const name of await readdir(torch)) await cp(join(torch, name), join('kernels', name));
    await cp(join(torch, 'train_kernels_sst-2.pt'), 'train_kernels_SST-2.pt');
    const rows = Array.from({ length: 20 }, (_, i) => ({
      body: `sentence ${i}`,
      kind: ['ham', 'spam'][i % 2],
    }));
    await writeFile('mails.jsonl', rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
    await cp('mail', 'mine', { recursive: true });
    await cp('mails.csv', 'reviews.csv');
    const reviews = await readFile('reviews.csv', 'utf8');
    await writeFile(
      'reviews.csv',
      reviews
        .replace('kind,body', 'label,text')
        .replace(/^ham,/gm, 'bad,')
        .replace(/^spam,/gm, 'good,'),
    );
    const machine = { processor: 'any', instructions: 'avx2', runtime: 'ort-cpu', version: '1', threads: 1 };
    await writeMachineProfile(knownProfile(machine), 'machine.json');
    await train();
  } finally {
    process.chdir(start);
  }
  return home;
};

/** Folders that examples write into. */
const writable = ['runs', 'kernels'];

/** Makes a directory in which an example finds what is in another one, and changes nothing there. */
export const freshCopy = async (home: string): Promise<string> => {
  const directory = await temporaryDirectory();
  for (const name of await readdir(home)) {
    const [from, to] = [join(home, name), join(directory, name)];
    if (writable.includes(name)) await cp(from, to, { recursive: true });
    else await symlink(from, to);
  }
  return directory;
};
