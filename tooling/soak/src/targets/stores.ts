import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ndarray, writeSealedJson } from '@ntk-lens/core';
import { mutatedJson, mutatedText } from '@ntk-lens/testing/mutate';
import { openTileStore } from '../../../../packages/kernels/src/node/tile-directory.js';
import { manifestName, readManifest } from '../../../../packages/lens/src/node/store/manifest.js';
import { readUnits, unitsName, writeUnits } from '../../../../packages/ntk-lens/src/units/manifest.js';
import { readStoredTraining } from '../../../../packages/subspace/src/node/training/stored-training.js';
import { type FuzzTarget, fuzzTarget, mustBe } from '../fuzz/target.js';

/** A sealed file whose content was edited before it was sealed, or whose text was edited after. */
interface Edited {
  readonly fields?: unknown;
  readonly text?: string;
}

const folder = () => mkdtemp(join(tmpdir(), 'ntk-lens-store-'));

/** Edits of one sealed file of a directory; three of four are sealed again, so that the seal is not what refuses them. */
const sealedFile = async (
  file: string,
  fields: Readonly<Record<string, unknown>>,
  read: () => Promise<unknown>,
) => {
  await writeSealedJson(file, fields);
  const text = await readFile(file, 'utf8');
  return {
    make: (random: Parameters<typeof mutatedText>[0]): Edited =>
      random.interval(3) > 0
        ? { fields: mutatedJson(random, fields, Object.keys(fields)) }
        : { text: mutatedText(random, text) },
    read: async ({ fields, text }: Edited) => {
      if (text === undefined && typeof fields === 'object' && fields !== null)
        await writeSealedJson(file, fields as Readonly<Record<string, unknown>>);
      else await writeFile(file, text ?? JSON.stringify(fields) ?? '');
      await read();
    },
  };
};

const sum = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';
const identity = { kind: 'kernel', task: 'sentiment', shots: 2, formula: 'sgd', batch: 2 };

export const storeTargets: readonly FuzzTarget[] = [
  fuzzTarget('manifests', 15_000, async () => {
    const path = await folder();
    const manifest = {
      ...{
        format: 'ntk-lens-run',
        version: 3,
        kernel: identity,
        environment: { runtime: 'ort-cpu', threads: 1 },
      },
      files: { 'train.npy': { bytes: 128, sha256: sum }, 'test.npy': { bytes: 160, sha256: sum } },
    };
    return sealedFile(join(path, manifestName), manifest, async () => {
      const found = await readManifest(path);
      mustBe(found !== undefined && typeof found.files === 'object', 'A manifest that is there lists files.');
    });
  }),
  fuzzTarget('units', 15_000, async () => {
    const path = await folder();
    await writeUnits(path, {
      ...{ command: 'run', config: { task: 'sentiment', shots: [2], model: './model' }, given: ['data'] },
      sources: { task: 'flag' },
      kind: {
        ...{ program: 'ntk-lens 0.1.0', instructions: 'avx2', runtime: 'ort-cpu', version: '1.30.0' },
        ...{ dtype: 'float32', threads: 1, reason: 'asked for' },
      },
      model: { name: 'tiny', hash: sum },
      ...{ probes: { '.': [1, 0.5, 0.5, 2] }, tolerance: 1e-3, workers: 2 },
      units: [0, 1].map((number) => ({
        ...{ name: `2-42-sgd sum-${number}`, folder: '.', data: sum },
        part: { level: 'sum' as const, number, tiles: [`sum-000${number}`] },
        ...{ flops: 1e9, repeatedFlops: 0, onceFlops: 1e8, bytes: 512, peakBytes: 2 ** 28 },
      })),
    });
    const file = join(path, unitsName);
    const { sha256: _, ...fields } = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    return sealedFile(file, fields, async () => {
      const { units, config } = await readUnits(path);
      for (const place of [...units.map((unit) => unit.folder), config.model ?? '.', config.data ?? '.'])
        mustBe(
          !/^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)/i.test(place),
          'A manifest names no path outside of its directory.',
        );
    });
  }),
  fuzzTarget('checkpoint.json', 15_000, async () => {
    const path = await folder();
    const checkpoint = {
      ...{ format: 'ntk-lens-training', version: 3, identity, step: 20, withoutGain: 1, finished: false },
      ...{ history: [{ step: 10, loss: 0.5, score: 0.75 }], best: { step: 10, score: 0.75 } },
      files: {
        state: { name: 'state-000020.safetensors', sha256: sum },
        best: { name: 'best-000010.safetensors', sha256: sum },
        trajectory: [{ name: 'trajectory/step-000000.safetensors', sha256: sum }],
      },
    };
    return sealedFile(join(path, 'checkpoint.json'), checkpoint, () => readStoredTraining(path));
  }),
  fuzzTarget('tiles', 15_000, async () => {
    const path = await folder();
    await mkdir(path, { recursive: true });
    const array = ndarray<'float64'>(Float64Array.of(1, 2, 3, 4), [2, 2]);
    await (await openTileStore(path, identity)).write('sum-0', { self: array });
    const file = join(path, 'sum-0.json');
    const list = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    const { sha256: _, ...fields } = list;
    return sealedFile(file, fields, async () => {
      const found = await (await openTileStore(path, identity)).read('sum-0');
      if (found === undefined) return;
      for (const { data } of Object.values(found))
        mustBe(String(data) === '1,2,3,4', 'A tile holds what was written.');
    });
  }),
];
