import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tarOf } from '@ntk-lens/testing/tar-of';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { taskSources } from '../../download/task-sources.js';
import { UnknownTaskError } from '../../errors.js';
import { tasks } from '../../registry/tasks.js';
import { fileServer, serve } from '../../testing/file-server.js';
import { splitKShot } from '../split-k-shot.js';
import { downloadableTasks, downloadTask } from './download-task.js';
import {
  ArchiveError,
  ChecksumError,
  HttpStatusError,
  NoSourceError,
  OversizedDownloadError,
} from './errors.js';

let server: Awaited<ReturnType<typeof fileServer>>;
let dir: string;
let archive: Buffer;
const reviews = (label: string, n: number): string =>
  Array.from({ length: n }, (_, i) => `${label},review ${i} of label ${label}\n`).join('');
beforeAll(async () => {
  server = await fileServer();
  archive = tarOf({
    'original/mr/train.csv': reviews('0', 20) + reviews('1', 20),
    'original/mr/test.csv': reviews('1', 3),
    'original/cr/train.csv': reviews('0', 4) + reviews('1', 4),
    'original/cr/test.csv': reviews('0', 260) + reviews('1', 270),
  });
});
afterAll(() => server.close());
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'ntk-lens-get-'));
  server.requests.length = 0;
  server.handle = serve(archive);
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const get = (name: string, extra: Partial<Parameters<typeof downloadTask>[1]> = {}) =>
  downloadTask(name, { dir, endpoints: { 'https://': `${server.origin}/` }, retries: 0, ...extra });

it('a task is downloaded once, in the layout that the splitter reads', async () => {
  const first = await get('MR');
  expect(first).toMatchObject({ task: 'mr', directory: join(dir, 'mr'), verified: 'first' });
  expect(first.licence).toMatch(/licence/);
  expect(first.urls).toEqual(['https://nlp.cs.princeton.edu/projects/lm-bff/datasets.tar']);
  expect(server.requests.map(({ path }) => path)).toEqual([
    '/nlp.cs.princeton.edu/projects/lm-bff/datasets.tar',
  ]);
  expect(readFileSync(join(dir, 'mr/test.csv'), 'utf8')).toBe(reviews('1', 3));
  const { files } = await splitKShot({
    task: 'mr',
    originalDir: dir,
    outDir: join(dir, 'k'),
    shots: 4,
    seeds: [13],
  });
  expect(files.map(({ name }) => name).sort()).toEqual([
    'mr/4-13/dev.csv',
    'mr/4-13/test.csv',
    'mr/4-13/train.csv',
  ]);

  expect((await get('mr')).verified).toBe('present');
  expect(server.requests).toHaveLength(1);
});

it('the archive is shared by its tasks, and CR is split as LM-Kernel-FT has it', async () => {
  await get('mr');
  expect((await get('cr')).verified).toBe('recorded');
  expect(server.requests).toHaveLength(1);
  expect(readFileSync(join(dir, 'cr/test.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(500);
  expect(readFileSync(join(dir, 'cr/train.csv'), 'utf8').trimEnd().split('\n')).toHaveLength(10 + 4 + 20 + 4);
});

it('a file that was changed on disk is made again', async () => {
  await get('mr');
  writeFileSync(join(dir, 'mr/test.csv'), 'changed');
  expect((await get('mr')).verified).toBe('recorded');
  expect(readFileSync(join(dir, 'mr/test.csv'), 'utf8')).toBe(reviews('1', 3));
});

it('a download that differs from the first one is refused', async () => {
  await get('mr');
  server.handle = serve(tarOf({ 'original/mr/train.csv': 'x', 'original/mr/test.csv': 'y' }));
  await expect(get('mr', { force: true })).rejects.toThrow(ChecksumError);
  await expect(get('mr', { force: true })).rejects.toThrow(/\(recorded\).*downloads\.lock\.json/);
  expect(readFileSync(join(dir, 'mr/test.csv'), 'utf8')).toBe(reviews('1', 3));
});

describe('failures leave no task folder', () => {
  const untouched = (name: string): void => expect(existsSync(join(dir, name))).toBe(false);
  it('a published checksum that does not hold', async () => {
    server.handle = serve(Buffer.from('not the archive'));
    await expect(get('CoLA')).rejects.toThrow(ChecksumError);
    untouched('CoLA');
    server.handle = serve(Buffer.alloc(400_000));
    await expect(get('CoLA')).rejects.toThrow(OversizedDownloadError);
    untouched('CoLA');
  });
  it('an archive without the task, or that is none', async () => {
    await expect(get('trec')).rejects.toThrow(ArchiveError);
    untouched('trec');
    server.handle = serve(Buffer.from('<html>moved</html>'));
    await expect(get('trec', { force: true })).rejects.toThrow();
    untouched('trec');
  });
  it('a file that is gone', async () => {
    server.handle = (_, response) => response.writeHead(404).end();
    await expect(get('mr')).rejects.toThrow(HttpStatusError);
    untouched('mr');
  });
  it('a lock file that is none', async () => {
    for (const [content, found] of [
      ['[]', 'other content'],
      ['null', 'other content'],
      ['{"downloads":', 'other content'],
      ['{"downloads":{}}', 'content that does not fit its SHA-256'],
    ] as const) {
      writeFileSync(join(dir, 'downloads.lock.json'), content);
      await expect(get('mr')).rejects.toThrow(`found ${found}, expected a lock file of downloads; delete it`);
    }
    expect(readdirSync(dir)).toEqual(['downloads.lock.json']);
  });
  it('tasks that need no download, or do not exist', async () => {
    await expect(get('sentiment')).rejects.toThrow(NoSourceError);
    await expect(get('SST-9')).rejects.toThrow(UnknownTaskError);
  });
});

it('every task with files has a source that gives the files its splits are made of', () => {
  expect([...downloadableTasks].sort()).toEqual(
    tasks.flatMap(({ name, files }) => (files ? [name] : [])).sort(),
  );
  for (const { files, licence, homepage, convert } of Object.values(taskSources)) {
    expect(licence.length).toBeGreaterThan(5);
    expect(homepage).toMatch(/^https?:\/\//);
    for (const { url, sha256, bytes, members } of files) {
      expect(url).toMatch(/^https:\/\//);
      expect(Object.keys(members).length).toBeGreaterThan(0);
      if (sha256 !== undefined) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
      expect(sha256 === undefined).toBe(bytes === undefined);
    }
    if (convert !== 'mrpc') {
      const names = files.flatMap(({ members }) => Object.values(members));
      expect(names.some((name) => name.startsWith('train.'))).toBe(true);
      expect(names.some((name) => /^(dev|dev_matched|test)\./.test(name))).toBe(true);
    }
  }
});
