import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, it } from 'vitest';
import { madeRun } from '../testing/made-run.js';
import { runCli } from '../testing/run-cli.js';
import { openFile } from './open-file.js';

const root = await temporaryDirectory();

/** A folder with an opener that writes its arguments to a file, one a line. */
const fakeOpener = async (name: string) => {
  const folder = join(root, name);
  const opened = join(folder, 'opened');
  await mkdir(folder);
  const program = join(folder, 'xdg-open');
  await writeFile(
    program,
    `#!/bin/sh\nprintf '%s\\n' "$@" > '${opened}.part'\nmv '${opened}.part' '${opened}'\n`,
  );
  await chmod(program, 0o755);
  return { env: { PATH: `${folder}:/usr/bin:/bin`, DISPLAY: ':0' }, opened: () => readFile(opened, 'utf8') };
};

it.runIf(process.platform === 'linux')(
  'a path reaches the opener as one word, whatever is in it',
  async () => {
    const { env, opened } = await fakeOpener('words');
    const path = `/tmp/a "b" $(c) ; & 'd'.html`;
    expect(await openFile(path, env)).toBeUndefined();
    await expect.poll(() => opened().catch(() => ''), { timeout: 5000 }).toBe(`${path}\n`);
  },
);

it('nothing is opened without a display or without an opener, and the reason is said', async () => {
  expect(await openFile('x', { PATH: '/nowhere' }, 'linux')).toBe('there is no display');
  expect(await openFile('x', { PATH: '/nowhere', WAYLAND_DISPLAY: 'w' }, 'linux')).toMatch(
    /xdg-open.*ENOENT/,
  );
});

it.runIf(process.platform === 'linux')(
  '--open opens the report; without a display the command ends well',
  async () => {
    const directory = join(root, 'run');
    const labels = ['a', 'b'] as const;
    await madeRun(directory, { train: 4, test: 4, labels, textOf: (split, i) => `${split} ${i}` });
    const { env, opened } = await fakeOpener('command');
    const there = await runCli(['report', directory, '--open'], env);
    expect([there.code, there.stderr]).toEqual([0, '']);
    await expect
      .poll(() => opened().catch(() => ''), { timeout: 5000 })
      .toBe(`${join(directory, 'report.html')}\n`);
    const { code, stderr } = await runCli(['report', directory, '--open'], { PATH: env.PATH });
    expect(code).toBe(0);
    expect(stderr).toMatch(/report\.html was not opened: there is no display/);
  },
);
