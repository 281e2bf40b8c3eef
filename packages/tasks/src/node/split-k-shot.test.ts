import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CancelledError } from '@ntk-lens/core';
import { sampled } from '@ntk-lens/testing/sampled';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { afterAll, describe, expect, it } from 'vitest';
import { MissingDataError } from '../errors.js';
import { findTask } from '../registry/find-task.js';
import { loadKShot } from './load-k-shot.js';
import { readDataFile } from './read-data-file.js';
import { splitKShot } from './split-k-shot.js';

const out = mkdtempSync(join(tmpdir(), 'ntk-lens-split-'));
afterAll(() => rmSync(out, { recursive: true, force: true }));
const md5 = (text: string): string => createHash('md5').update(text).digest('hex');
const lmBff = [
  'SST-2-original',
  'sst-5',
  'mr',
  'cr-lmbff',
  'mpqa',
  'subj',
  'trec',
  'CoLA',
  'MRPC',
  'QQP',
  'STS-B',
];
const pairs = ['MNLI', 'SNLI', 'QNLI', 'RTE'];

describe.skipIf(!hasShared('data/k-shot/checksum'))('splits of the real data', () => {
  const originalDir = sharedPath('data/original');
  const hasOriginal = (name: string): boolean => {
    const files = findTask(name).files!;
    const directory = files.originalDirectory ?? files.directory;
    return existsSync(join(originalDir, directory, `train.${files.formats[0]!.extension}`));
  };

  it("have the md5 sums of LM-BFF's list, for entries whose originals are present", async () => {
    const list = readFileSync(sharedPath('data/k-shot/checksum'), 'utf8').trim().split('\n');
    const published = new Map(list.map((line) => line.split(/\s+/).reverse() as [string, string]));
    const present = [...lmBff, ...pairs].filter(hasOriginal);
    expect(present).toHaveLength(10);
    for (const task of sampled(present, 4)) {
      const { files, short } = await splitKShot({
        task,
        originalDir,
        outDir: join(out, 'k-shot'),
        shots: 16,
      });
      const { directory } = findTask(task).files!;
      const wanted = [...published].filter(([name]) => name.startsWith(`${directory}/`));
      expect(Object.fromEntries(files.map(({ name, md5 }) => [name, md5]))).toEqual(
        Object.fromEntries(wanted),
      );
      for (const file of files) expect(md5(readFileSync(file.path, 'utf8'))).toBe(file.md5);
      expect(short).toEqual([]);
    }
  });

  it("has LM-BFF's test set of QNLI, of which only the file to test on is present", async () => {
    const list = readFileSync(sharedPath('data/k-shot/checksum'), 'utf8').trim().split('\n');
    const { files, missing } = await splitKShot({
      task: 'QNLI',
      originalDir,
      outDir: join(out, 'k-shot'),
      shots: 16,
    });
    expect(missing).toBe(join(originalDir, 'QNLI/train.tsv'));
    expect(files.map(({ name, md5 }) => `${md5}  ${name}`).sort()).toEqual(
      list.filter((line) => /QNLI\/.*test/.test(line)).sort(),
    );
    // MNLI and SNLI are here with three real columns only, so no sum of the list can hold.
    expect((await splitKShot({ task: 'MNLI', originalDir, outDir: out, shots: 16 })).files).toHaveLength(5);
  });

  it.each(sampled([16, 64], 1))(
    "equal LM-Kernel-FT's %d-shot splits with at most 1,000 test examples",
    async (shots) => {
      const all = ['SST-2', 'sst-5', 'mr', 'cr', 'mpqa', 'subj', 'trec', 'CoLA', 'MRPC', 'RTE'];
      for (const task of sampled(all, 4)) {
        const outDir = join(out, 'k-shot-1k-test');
        const { files } = await splitKShot({ task, originalDir, outDir, shots, mode: 'k-shot-1k-test' });
        expect(files).toHaveLength(15);
        for (const { name, md5: found } of files) {
          expect([name, found]).toEqual([
            name,
            md5(await readDataFile(sharedPath(`data/k-shot-1k-test/${name}`))),
          ]);
        }
      }
    },
  );
});

it('writes nothing half, and stops between files when cancelled', async () => {
  const controller = new AbortController();
  const seen: number[] = [];
  const originalDir = new URL('../../fixtures/original', import.meta.url).pathname;
  const outDir = join(out, 'cancelled');
  await expect(
    splitKShot({
      task: 'mr',
      originalDir,
      outDir,
      shots: 2,
      signal: controller.signal,
      onProgress: ({ done }) => {
        seen.push(done);
        controller.abort();
      },
    }),
  ).rejects.toThrow(CancelledError);
  expect(seen).toEqual([1]);
  expect(await readdir(join(outDir, 'mr'))).toEqual(['2-100']);
  expect((await readdir(join(outDir, 'mr/2-100'))).sort()).toEqual([
    'dev.csv',
    'ntk-lens-files.json',
    'test.csv',
    'train.csv',
  ]);
});

it('says where it looked for full data that are not there', async () => {
  await expect(splitKShot({ task: 'trec', originalDir: '/nowhere', outDir: out, shots: 16 })).rejects.toThrow(
    MissingDataError,
  );
  await expect(splitKShot({ task: 'trec', originalDir: '/nowhere', outDir: out, shots: 16 })).rejects.toThrow(
    /\/nowhere\/trec\/train\.csv.*tasks get trec/,
  );
});

it('files that were written are verified when they are read; those of others are taken as they are', async () => {
  const originalDir = await temporaryDirectory();
  const rows = (label: number) => Array.from({ length: 8 }, (_, i) => `${label},a film ${i}\n`).join('');
  await mkdir(join(originalDir, 'mr'));
  for (const name of ['train.csv', 'test.csv'])
    await writeFile(join(originalDir, 'mr', name), rows(0) + rows(1));
  const outDir = await temporaryDirectory();
  await splitKShot({ task: 'mr', originalDir, outDir, shots: 2, seeds: [13] });
  const read = () => loadKShot({ task: 'mr', dataDir: outDir, shots: 2, seed: 13 });
  const whole = await read();
  const directory = join(outDir, 'mr', '2-13');
  const test = join(directory, 'test.csv');
  await writeFile(test, (await readFile(test, 'utf8')).replace('a film 3', 'a film 8'));
  await expect(read()).rejects.toMatchObject({
    code: 'DAMAGED_FILE',
    message: expect.stringContaining(test),
  });
  await rm(join(directory, 'ntk-lens-files.json'));
  expect((await read()).test).not.toEqual(whole.test);
});
