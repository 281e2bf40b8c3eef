import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { TextEncodingError } from '@ntk-lens/core';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { afterAll, describe, expect, it } from 'vitest';
import {
  MissingDataError,
  MissingLabelError,
  OtherTaskDataError,
  TaskDefinitionError,
  UnknownLabelError,
  UnknownTaskError,
} from '../errors.js';
import { limits } from '../limits.js';
import { ownFiles } from '../read/own-format.js';
import { defineTask } from '../registry/define-task.js';
import { loadExamples } from './load-examples.js';
import { loadKShot } from './load-k-shot.js';
import { readDataFile } from './read-data-file.js';

const root = mkdtempSync(join(tmpdir(), 'ntk-lens-tasks-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));
const put = (path: string, content: string | Uint8Array): string => {
  const full = join(root, path);
  mkdirSync(dirname(full), { recursive: true });
  writeFileSync(full, content);
  return full;
};

const mrpc = '\ufeffQuality\t#1 ID\t#2 ID\t#1 String\t#2 String\r\n';
for (const split of ['train', 'dev'])
  put(`lmbff/MRPC/16-42/${split}.tsv`, `${mrpc}1\t7\t8\t" An open quote\tAnother "\r\n`);
put('lmbff/MRPC/16-42/test.tsv', '../test.tsv');
put('lmbff/MRPC/test.tsv', `${mrpc}0\t1\t2\tone\ttwo\n`);

it('a k-shot directory, a task directory and the files themselves give the same examples', async () => {
  const wanted = {
    train: [{ texts: ['" An open quote', 'Another "'], label: '1' }],
    test: [{ texts: ['one', 'two'], label: '0' }],
  };
  for (const dataDir of ['lmbff', 'lmbff/MRPC']) {
    expect(
      await loadKShot({ task: 'mrpc', dataDir: join(root, dataDir), shots: 16, seed: 42 }),
    ).toMatchObject(wanted);
  }
  const direct = await loadKShot({ task: 'mrpc', dataDir: join(root, 'lmbff/MRPC/16-42') });
  expect(direct).toMatchObject(wanted);
  expect(direct.files.test).toBe(join(root, 'lmbff/MRPC/16-42/test.tsv'));
});

it('a set that is not asked for need not exist', async () => {
  const dataDir = dirname(put('partial/mr/train.csv', '0,dull\n1,"fine, really"\n'));
  expect(await loadKShot({ task: 'mr', dataDir, splits: ['train'] })).toMatchObject({
    train: [
      { texts: ['dull'], label: '0' },
      { texts: ['fine, really'], label: '1' },
    ],
    dev: [],
    test: [],
  });
  await expect(loadKShot({ task: 'mr', dataDir })).rejects.toThrow(
    /The dev set of mr is not there.*holds train\.csv/,
  );
});

it('own tasks are read from CSV, TSV or JSON lines', async () => {
  const files = ownFiles('mine', { textColumns: ['body'], labelColumn: 'kind' });
  const task = defineTask({
    name: 'mine',
    labels: ['ham', 'spam'],
    labelWords: { ham: 'good', spam: 'bad' },
    template: '*cls**sent_0**mask**sep+*',
    files,
  });
  const dataDir = dirname(put('own/train.csv', 'kind,body\nham,hello\n'));
  put('own/validation.tsv', 'body\tkind\nbuy "now"\tspam\n');
  put('own/test.jsonl', '{"kind":"ham","body":"bye"}\n');
  expect(await loadKShot({ task, dataDir })).toMatchObject({
    train: [{ texts: ['hello'], label: 'ham' }],
    dev: [{ texts: ['buy "now"'], label: 'spam' }],
    test: [{ texts: ['bye'], label: 'ham' }],
  });
  expect(
    await loadExamples(join(dataDir, 'train.csv'), { textColumns: ['body'], labelColumn: 'kind' }),
  ).toEqual([{ texts: ['hello'], label: 'ham' }]);
});

describe('bad data directories are refused before any work', () => {
  it('nothing there: says where it looked', async () => {
    const nowhere = join(root, 'none');
    const load = () => loadKShot({ task: 'SST-2', dataDir: nowhere, shots: 16, seed: 1 });
    await expect(load()).rejects.toThrow(MissingDataError);
    await expect(load()).rejects.toThrow(/none is not there/);
    mkdirSync(nowhere);
    await expect(load()).rejects.toThrow(/none\/SST-2\/16-1\/train\.tsv/);
    const file = put('x.txt', 'a');
    await expect(loadKShot({ task: 'SST-2', dataDir: file })).rejects.toThrow(
      /^data: found \S+x\.txt", expected a \.csv/,
    );
    await expect(loadExamples(join(root, 'none.csv'))).rejects.toThrow(MissingDataError);
  });
  it('unknown and embedded tasks', async () => {
    await expect(loadKShot({ task: 'SST-3', dataDir: root })).rejects.toThrow(UnknownTaskError);
    await expect(loadKShot({ task: 'sentiment', dataDir: root })).rejects.toThrow(TaskDefinitionError);
  });
  it('an unknown label, an empty set', async () => {
    const dataDir = dirname(put('label/train.csv', '0,fine\n7,odd\n'));
    await expect(loadKShot({ task: 'mr', dataDir, splits: ['train'] })).rejects.toThrow(UnknownLabelError);
    await expect(loadKShot({ task: 'mr', dataDir, splits: ['train'] })).rejects.toThrow(
      /train\.csv:2: label "7"/,
    );
    put('empty/train.csv', '\n');
    await expect(loadKShot({ task: 'mr', dataDir: join(root, 'empty'), splits: ['train'] })).rejects.toThrow(
      MissingDataError,
    );
  });
  it('bytes that are not UTF-8, with their line', async () => {
    const path = put('latin.csv', Buffer.from('text,label\nna\xefve,a\n', 'latin1'));
    await expect(loadExamples(path)).rejects.toThrow(TextEncodingError);
    await expect(loadExamples(path)).rejects.toThrow(
      /latin\.csv:2: found bytes ef 76 65 2c at offset 13 .*iconv -f WINDOWS-1252 -t UTF-8/,
    );
  });
  it('a line or a file beyond the limits, read no further than to them', async () => {
    const path = join(root, 'long.csv');
    const line = Buffer.alloc(limits.rowBytes, 'a');
    writeFileSync(path, Buffer.concat([Buffer.from('text,label\n'), line]));
    expect((await readDataFile(path)).length).toBe(11 + limits.rowBytes);
    truncateSync(path, limits.fileBytes);
    await expect(readDataFile(path)).rejects.toThrow(/long\.csv:2: found a line of more than \d+ bytes/);
    truncateSync(path, limits.fileBytes + 1);
    await expect(readDataFile(path)).rejects.toThrow(/found \d+ bytes, expected at most \d+: give a sample/);
    rmSync(path);
  });
  it('a pointer of Git LFS, a page of a website, a packed file', async () => {
    const path = join(root, 'stray.csv');
    for (const [content, message] of [
      [
        'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 3\n',
        /Git LFS pointer.*git lfs pull/,
      ],
      ['<!DOCTYPE html><title>Log in</title>', /page of a website \("Log in"\)/],
      [gzipSync('text,label\nfine,1\n'), /packed by gzip.*gunzip/],
    ] as const) {
      writeFileSync(path, content);
      await expect(readDataFile(path)).rejects.toThrow(message);
    }
  });
  it('what is no file', async () => {
    await expect(readDataFile(join(root, 'no.csv'))).rejects.toThrow(
      /^The file \S+no\.csv is not there\. Check/,
    );
    await expect(readDataFile(root)).rejects.toThrow(/It is a directory/);
  });
  it('data of another task: by the name of the directory, or by labels that are missing', async () => {
    put('k-shot/cr/2-42/train.csv', '0,a\n1,b\n');
    put('k-shot/mr/2-42/train.csv', '0,a\n1,b\n0,c\n1,d\n0,a\n1,b\n0,c\n1,d\n0,a\n1,b\n');
    const splits = ['train'] as const;
    const load = (task: string, dataDir: string) =>
      loadKShot({ task, dataDir: join(root, dataDir), shots: 2, seed: 42, splits });
    expect((await load('cr', 'k-shot')).train).toHaveLength(2);
    await expect(load('mr', 'k-shot/cr')).rejects.toThrow(OtherTaskDataError);
    await expect(load('mr', 'k-shot/cr/2-42')).rejects.toThrow(
      /named after the task "cr", expected data of "mr"/,
    );
    put('mine/train.csv', '0,a\n1,b\n0,c\n1,d\n0,a\n1,b\n0,c\n1,d\n0,a\n1,b\n');
    expect((await load('mr', 'mine')).train).toHaveLength(10);
    await expect(load('sst-5', 'mine')).rejects.toThrow(MissingLabelError);
    await expect(load('sst-5', 'mine')).rejects.toThrow(/labels "0", "1" and no example of "2", "3", "4"/);
  });
  it('links that were checked out as text are followed once, and never elsewhere', async () => {
    put('links/test.csv', '../test.csv');
    put('test.csv', '../test.csv');
    expect(await readDataFile(join(root, 'links/test.csv'))).toBe('../test.csv');
    put('links/train.csv', '../../../../etc/train.csv');
    expect(await readDataFile(join(root, 'links/train.csv'))).toBe('../../../../etc/train.csv');
  });
});

describe.skipIf(!hasShared('data/k-shot'))('the real k-shot directories', () => {
  const whole = [
    'SST-2',
    'sst-5',
    'mr',
    'cr',
    'mpqa',
    'subj',
    'trec',
    'CoLA',
    'MRPC',
    'STS-B',
    'QNLI',
    'RTE',
  ];
  const noTest = ['MNLI', 'SNLI', 'QQP'];
  it.each([...whole, ...noTest])('%s has 16 examples per label', async (name) => {
    for (const seed of [13, 100]) {
      const splits = noTest.includes(name) ? (['train', 'dev'] as const) : undefined;
      const dataDir = sharedPath('data/k-shot');
      const { task, train, dev, test } = await loadKShot({ task: name, dataDir, shots: 16, seed, splits });
      expect([train.length, dev.length]).toEqual([16 * task.labels.length, 16 * task.labels.length]);
      if (splits === undefined) expect(test.length).toBeGreaterThanOrEqual(277);
      for (const { texts } of [...train, ...dev, ...test]) expect(texts).toHaveLength(task.textsPerExample);
      if (task.kind === 'classification') {
        for (const label of task.labels) expect(train.filter((e) => e.label === label)).toHaveLength(16);
      }
    }
  });
  it("LM-Kernel-FT's directories have at most 1,000 test examples", async () => {
    for (const task of [...whole.filter((name) => name !== 'STS-B'), 'MNLI', 'SNLI']) {
      const { test } = await loadKShot({
        task,
        dataDir: sharedPath('data/k-shot-1k-test'),
        shots: 16,
        seed: 42,
      });
      expect(test.length).toBeLessThanOrEqual(1000);
      expect(test.length).toBeGreaterThanOrEqual(277);
    }
  });
  it("RLPrompt's AG News has labels from 0 and no test set", async () => {
    const { task, train } = await loadKShot({
      task: 'agnews',
      dataDir: sharedPath('data/k-shot-rlprompt/agnews'),
      shots: 16,
      seed: 42,
      splits: ['train', 'dev'],
    });
    for (const label of task.labels)
      expect(train.filter((example) => example.label === label)).toHaveLength(16);
  });
  it('the golden data are read in file order', async () => {
    const counts: Record<string, number[]> = { 'SST-2': [8, 8, 12], MRPC: [8, 8, 12], MNLI: [9, 9, 12] };
    for (const [task, wanted] of Object.entries(counts)) {
      const { train, dev, test } = await loadKShot({ task, dataDir: sharedPath(`golden/data/${task}`) });
      expect([train.length, dev.length, test.length]).toEqual(wanted);
    }
  });
});
