import { mkdir, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isError } from '../errors.js';
import { FileSystemError, fileSystemError } from './file-system-error.js';

test('errors of the system say the path, what is wrong with it and what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'ntk-lens-core-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  await writeFile(at('file'), '');
  await mkdir(at('folder'));
  await symlink('circle', at('circle'));
  const attempts: readonly [work: () => Promise<unknown>, code: string, place: string][] = [
    [() => readFile(at('nothing')), 'ENOENT', at('nothing')],
    [() => readFile(at('file/below')), 'ENOTDIR', at('file/below')],
    [() => readFile(at('folder')), 'EISDIR', 'the input'],
    [() => readFile(at('circle')), 'ELOOP', at('circle')],
    [() => mkdir(at('file')), 'EEXIST', at('file')],
    [() => rename(at('file'), at('folder')), 'EISDIR', at('folder')],
    [() => readFile('a\0b'), 'ERR_INVALID_ARG_VALUE', 'the input'],
    [() => readFile(at('x'.repeat(5000))), 'ENAMETOOLONG', `${at('x'.repeat(5000)).slice(0, 300)}…`],
  ];
  for (const [work, code, place] of attempts) {
    const error = fileSystemError(await work().catch((cause: unknown) => cause), 'the input');
    if (!isError(error, FileSystemError)) throw error;
    expect([error.systemCode, error.kind]).toEqual([code, 'input']);
    expect(error.message.startsWith(`${place}: `)).toBe(true);
    expect(error.message).toMatch(/ \(E[A-Z_]+\)\. [A-Z][^.]*\.$/);
  }
});

test('a full disk is a failure, and other errors stay as they are', () => {
  const full = Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write', path: '/x' });
  expect(fileSystemError(full)).toMatchObject({
    kind: 'failure',
    message: expect.stringMatching(/^\/x: the disk/),
  });
  const network = Object.assign(new Error('no'), { code: 'ECONNREFUSED', syscall: 'connect' });
  const denied = Object.assign(new Error('no'), { code: 'EACCES', syscall: 'connect' });
  for (const other of [network, denied, new Error('ENOENT'), 'ENOENT', undefined])
    expect(fileSystemError(other)).toBe(other);
});
