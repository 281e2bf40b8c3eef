import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, test } from 'vitest';
import { root } from './root.js';

const workflows = join(root, '.github/workflows');
const check = (folder: string) =>
  spawnSync(process.execPath, [join(root, 'tooling/checks/workflows.mjs'), folder], { encoding: 'utf8' });

test('the workflows have no fault', () => {
  expect(check(workflows)).toMatchObject({ status: 0, stderr: '' });
  expect(readdirSync(workflows)).toEqual(['release.yml', 'tests.yml']);
});

test('the release has what provenance needs, and runs a script that is there', () => {
  const release = readFileSync(join(workflows, 'release.yml'), 'utf8');
  expect(release).toMatch(/id-token: write/);
  expect(release).toMatch(/NPM_CONFIG_PROVENANCE: ["']true/);
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const asked = [...release.matchAll(/pnpm (?:run )?(\w+)/g)].map(([, script]) => script!);
  expect(asked.filter((script) => script !== 'install' && !(script in scripts))).toEqual([]);
});

/** Faults by name: what stands in tests.yml, what replaces it, and what is said then. */
const faults: Readonly<Record<string, readonly [found: string, by: string, says: RegExp]>> = {
  'a value that the matrix does not have': [
    'matrix.node }}',
    'matrix.nodes }}',
    /property "nodes" is not defined/,
  ],
  'a machine that is not there': [
    'runs-on: ubuntu-latest',
    'runs-on: ubuntu-oldest',
    /"ubuntu-oldest" is unknown/,
  ],
  'a key that is not there': ['timeout-minutes: 60', 'timeout: 60', /unexpected key "timeout"/],
  'a permission that is not there': ['contents: read', 'content: read', /unknown permission scope "content"/],
  'a job without steps': ['    steps:\n', '    step:\n', /unexpected key "step"/],
};

test('faults are found, each in its file', async () => {
  const folder = await temporaryDirectory();
  const text = readFileSync(join(workflows, 'tests.yml'), 'utf8');
  for (const [name, [found, by]] of Object.entries(faults)) {
    expect(text).toContain(found);
    await writeFile(join(folder, `${name}.yml`), text.replace(found, by));
  }
  const { status, stderr } = check(folder);
  expect(status).toBe(1);
  for (const [name, [, , says]] of Object.entries(faults)) {
    const lines = stderr.split('\n').filter((line) => line.startsWith(`${name}.yml:`));
    expect(lines.join('\n')).toMatch(says);
  }
});

test('a folder without workflows is found', async () => {
  expect(check(await temporaryDirectory()).status).toBe(1);
});
