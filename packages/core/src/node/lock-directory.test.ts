import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isError } from '../errors.js';
import { FileSystemError } from './file-system-error.js';
import { DirectoryInUseError, lockedDirectory, lockName } from './lock-directory.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ntk-lens-lock-'));
});
afterEach(() => rm(folder, { recursive: true }));

const lock = () => join(folder, lockName);
const held = async () => JSON.parse(await readFile(lock(), 'utf8'));
const since = '2026-01-02T03:04:05.000Z';
/** Of another process. */
const leave = (holder: unknown) =>
  writeFile(lock(), typeof holder === 'string' ? holder : JSON.stringify(holder));

/** A process that runs until the work is done. */
const withChild = async (work: (pid: number) => Promise<void>) => {
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const gone = new Promise((resolve) => child.on('close', resolve));
  try {
    await work(child.pid!);
  } finally {
    child.kill('SIGKILL');
    await gone;
  }
};

describe('a directory that another process holds', () => {
  it('is refused before any work, by the name of the process; once that is gone it is taken over', async () => {
    let pid = 0;
    await withChild(async (child) => {
      pid = child;
      await leave({ pid, host: hostname(), since, started: '' });
      const error = await lockedDirectory(folder, () => expect.fail('worked')).catch((e: unknown) => e);
      if (!isError(error, DirectoryInUseError)) throw error;
      for (const word of [`process ${pid}`, hostname(), since]) expect(error.message).toContain(word);
      expect(await held()).toMatchObject({ pid });
    });
    await lockedDirectory(folder, async () => expect(await held()).toMatchObject({ pid: process.pid }));
    expect(await readdir(folder)).toEqual([]);
  });
  it('is taken over where the number of the process was given to another one', () =>
    withChild(async (pid) => {
      await leave({ pid, host: hostname(), since, started: 'another boot 17' });
      const started = process.platform === 'linux';
      const work = lockedDirectory(folder, async () => 'done');
      if (started) expect(await work).toBe('done');
      else await expect(work).rejects.toMatchObject({ code: 'DIRECTORY_IN_USE' });
    }));
  it.each([5, -5])(
    'is judged without a clock: one that is off by %i hours changes nothing',
    async (hours) => {
      const other = new Date(Date.now() + hours * 3_600_000);
      const holder = { host: hostname(), since: other.toISOString(), started: '' };
      await withChild(async (pid) => {
        await leave({ ...holder, pid });
        await utimes(lock(), other, other);
        await expect(lockedDirectory(folder, async () => {})).rejects.toMatchObject({
          code: 'DIRECTORY_IN_USE',
        });
        await leave({ ...holder, pid, started: 'another boot 17' });
        await utimes(lock(), other, other);
        if (process.platform === 'linux')
          expect(await lockedDirectory(folder, async () => 'done')).toBe('done');
      });
    },
  );
  it('of another host is refused, and the file to remove is named', async () => {
    await leave({ pid: 1, host: 'another-host', since, started: '' });
    await expect(lockedDirectory(folder, async () => {})).rejects.toMatchObject({
      code: 'DIRECTORY_IN_USE',
      message: expect.stringContaining(lock()),
    });
  });
  it.each(['', '{"pid":', 'null', '[]', '{"pid":"1"}'])('is free where the lock is %j', async (text) => {
    await leave(text);
    await writeFile(`${lock()}.left.tmp`, 'by a kill');
    expect(await lockedDirectory(folder, async () => 'done')).toBe('done');
    expect(await readdir(folder)).toEqual([]);
  });
});

describe('within one process', () => {
  it('work may lock a directory again, and the lock stays until all of it is done', async () => {
    let release = () => {};
    const inner = lockedDirectory(folder, () => new Promise<void>((resolve) => (release = resolve)));
    await lockedDirectory(folder, () => lockedDirectory(folder, async () => {}));
    expect(await held()).toMatchObject({ pid: process.pid, host: hostname() });
    release();
    await inner;
    expect(await readdir(folder)).toEqual([]);
  });
  it('a refusal leaves no lock and no folder; what was there stays', async () => {
    const path = join(folder, 'a', 'b');
    const failure = new Error('refused');
    await expect(
      lockedDirectory(path, async () => {
        throw failure;
      }),
    ).rejects.toBe(failure);
    expect(await readdir(folder)).toEqual([]);
    await mkdir(path, { recursive: true });
    await lockedDirectory(path, async () => {});
    expect(await readdir(join(folder, 'a'))).toEqual(['b']);
    await lockedDirectory(join(path, 'c'), () => writeFile(join(path, 'c', 'result'), ''));
    expect(await readdir(join(path, 'c'))).toEqual(['result']);
  });
  it('a place that is no directory is refused with a type', async () => {
    await writeFile(join(folder, 'file'), '');
    const error = await lockedDirectory(join(folder, 'file'), async () => {}).catch((e: unknown) => e);
    expect(isError(error, FileSystemError)).toBe(true);
  });
});

describe('within a job of SLURM', () => {
  const slurm = { cluster: 'tiny', job: '7', restart: 1 };
  const lockOf = (own: object) =>
    leave({ pid: 1, host: 'another-host', started: '', since, slurm: { ...slurm, ...own } });
  beforeEach(() => {
    vi.stubEnv('SLURM_JOB_ID', slurm.job);
    vi.stubEnv('SLURM_CLUSTER_NAME', slurm.cluster);
    vi.stubEnv('SLURM_RESTART_COUNT', `${slurm.restart}`);
    // Nothing can be asked.
    vi.stubEnv('PATH', folder);
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  it('a lock names the job and how often it was begun', () =>
    lockedDirectory(folder, async () => expect(await held()).toMatchObject({ pid: process.pid, slurm })));
  it('a lock that an earlier run of the same job left is taken over', async () => {
    await lockOf({ restart: 0 });
    expect(await lockedDirectory(folder, async () => 'done')).toBe('done');
  });
  it.each([
    ['of the same run', {}],
    ['of another job', { job: '8', restart: 0 }],
    ['of another cluster', { cluster: 'another', restart: 0 }],
    ['of something else', { job: '--all' }],
  ])('a lock %s is refused where SLURM does not answer', async (_, own) => {
    await lockOf(own);
    await expect(lockedDirectory(folder, async () => {})).rejects.toMatchObject({ code: 'DIRECTORY_IN_USE' });
  });
});
