import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { modelDirectory } from '@ntk-lens/minilm-mlm';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { tarOf } from '@ntk-lens/testing/tar-of';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { runCli } from '../testing/run-cli.js';

describe('prompt', () => {
  it('shows pieces, tokens and the mask, in colour the same text', async () => {
    const argv = ['prompt', '--text', 'Not a fine film.', '--quiet'];
    const plain = await runCli(argv);
    expect(plain.code).toBe(0);
    expect(plain.stdout).toMatch(/negative → terrible, positive → great/);
    expect(plain.stdout).toMatch(/\*mask\* +\[MASK\] ◀ read here/);
    const colored = await runCli(argv, { FORCE_COLOR: '1' });
    expect(colored.stdout).not.toBe(plain.stdout);
    expect(stripVTControlCharacters(colored.stdout)).toBe(plain.stdout);
  });
  it('shows what was truncated, and all as JSON', async () => {
    const { stdout } = await runCli(['prompt', '--text', 'word '.repeat(300), '--json', '--mapping']);
    expect(stdout).toBe('');
    const long = ['*cls*It_was*mask*.*sent_0**sep+*', '--text', 'word '.repeat(300)];
    const shown = JSON.parse((await runCli(['prompt', '--json', '--template', ...long])).stdout);
    const [{ prompt }] = shown.prompts;
    expect(prompt.length).toBe(128);
    const cut = prompt.segments.filter((segment: { omitted?: string }) => segment.omitted === 'max-length');
    expect(cut.flatMap((segment: { tokens: unknown[] }) => segment.tokens)).toHaveLength(306 - 128);
    expect(shown.labelWords.map(({ word }: { word: string }) => word)).toEqual(['terrible', 'great']);
  });
  it('cuts by the limits given instead of the task’s, and says which when the mask is lost', async () => {
    const text = ['--text', 'word '.repeat(300), '--quiet'];
    const lost = await runCli(['prompt', ...text]);
    expect([lost.code, lost.stderr]).toEqual([2, expect.stringMatching(/--first-sentence-limit/)]);
    const tokens = async (...limits: string[]) => {
      const { stdout } = await runCli(['prompt', ...text, '--json', ...limits]);
      const [{ prompt }] = JSON.parse(stdout).prompts;
      return [prompt.length, prompt.position, prompt.segments[0].omitted];
    };
    // cls + word × n + it was [MASK] . sep
    expect(await tokens('--first-sentence-limit', '7')).toEqual([13, 10, undefined]);
    expect(await tokens('--max-length', '306')).toEqual([306, 303, undefined]);
    expect(await tokens('--max-length', '20', '--truncate-head')).toEqual([20, 17, 'max-length']);
    const pair = ['prompt', '--task', 'entailment', '--text', 'a b c', '--text', 'd e f', '--json', '-q'];
    const { stdout } = await runCli([...pair, '--other-sentence-limit', '1']);
    expect(stdout).toMatch(/"omitted":"sentence-limit"/);
  });
  it('needs no other set than the one shown', async () => {
    const dir = await temporaryDirectory();
    await writeFile(join(dir, 'dev.csv'), '0,a dull film\n');
    await writeFile(join(dir, 'train.csv'), '0,a dull film\n');
    const shown = await runCli([
      'prompt',
      '-t',
      'mr',
      '-d',
      dir,
      '--split',
      'dev',
      '-q',
      '--mapping',
      '{"0":"bad","1":"good"}',
    ]);
    expect([shown.code, shown.stdout]).toEqual([0, expect.stringMatching(/a dull film/)]);
  });
  it('refuses a text too many, and demonstration options without demonstrations', async () => {
    const many = await runCli(['prompt', '--text', 'a', '--text', 'b', '--quiet']);
    expect([many.code, many.stderr]).toEqual([
      2,
      expect.stringMatching(/--text is given 2 times, an example has 1/),
    ]);
    const none = await runCli(['prompt', '--demo-seed', '1', '--quiet']);
    expect([none.code, none.stderr]).toEqual([
      2,
      expect.stringMatching(/--demo-seed goes with --demonstrations.*Add --demonstrations <n>/),
    ]);
  });
});

describe('tasks get', () => {
  it('downloads into the layout that split reads, and states the licence', async () => {
    const rows = (label: number, n: number) =>
      Array.from({ length: n }, (_, i) => `${label},review ${i} of ${label}\n`).join('');
    let archive = tarOf({
      'original/mr/train.csv': rows(0, 6) + rows(1, 6),
      'original/mr/test.csv': rows(1, 3),
    });
    const server = createServer((request, response) =>
      request.url!.endsWith('/datasets.tar') ? response.end(archive) : response.writeHead(404).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    try {
      const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      const dir = await temporaryDirectory();
      const get = (name: string, ...more: string[]) =>
        runCli(['tasks', 'get', name, '--dir', dir, '--endpoint', `https://=${origin}`, '--quiet', ...more]);
      const { code, stdout } = await get('MR');
      expect(code).toBe(0);
      expect(stdout).toMatch(/licence +│ .*state no licence/);
      expect(stdout).toMatch(/ntk-lens split --task mr/);
      const split = ['split', '-t', 'mr', '--original', dir, '--shots', '2', '--seeds', '1'];
      expect((await runCli([...split, '-o', join(dir, 'k'), '-q'])).code).toBe(0);
      expect(JSON.parse((await get('mr', '--json')).stdout).verified).toBe('present');
      archive = tarOf({ 'original/mr/train.csv': 'x', 'original/mr/test.csv': 'y' });
      const changed = await get('mr', '--force');
      expect([changed.code, changed.stderr]).toEqual([1, expect.stringMatching(/SHA-256 .*\(recorded\)/)]);
      // The sums of AG News are published; nothing is there under its address.
      expect((await get('agnews')).stderr).toMatch(/HTTP status 404/);
    } finally {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  });
  it('says clearly that the network cannot be reached (1), and that there is nothing to get (2)', async () => {
    const dir = await temporaryDirectory();
    // Nobody listens on port 9 of this machine.
    const mirror = ['--endpoint', 'https://=http://127.0.0.1:9/', '--quiet'];
    const unreachable = await runCli(['tasks', 'get', 'mr', '--dir', dir, ...mirror]);
    expect([unreachable.code, unreachable.stderr]).toEqual([1, expect.stringMatching(/Cannot reach https:/)]);
    expect((await runCli(['tasks', 'get', 'sentiment', '--dir', dir, '--quiet'])).code).toBe(2);
    expect((await runCli(['tasks', 'get', 'nope', '--dir', dir, '--quiet'])).code).toBe(2);
    expect((await runCli(['tasks', 'get', 'mr', '--quiet'])).code).toBe(2);
  });
});

describe('split', () => {
  it.skipIf(!hasShared('data/original/mr') || !hasShared('data/k-shot/checksum'))(
    "writes files with LM-BFF's published sums",
    async () => {
      const out = await temporaryDirectory();
      const argv = [
        'split',
        '--task',
        'mr',
        '--original',
        sharedPath('data/original'),
        '--out',
        out,
        '--quiet',
      ];
      const check = ['--check', sharedPath('data/k-shot/checksum')];
      const { code, stdout } = await runCli([...argv, ...check, '--seeds', '13,87', '--json']);
      expect(code).toBe(0);
      expect(JSON.parse(stdout)).toMatchObject({ task: 'mr', checked: 6 });
      const other = await runCli([...argv, ...check, '--seeds', '13', '--mode', 'k-shot-10x']);
      expect([other.code, other.stderr]).toEqual([
        1,
        expect.stringContaining('1 of 3 files differ, first mr/16-13/dev.csv'),
      ]);
    },
  );
  it('compares with a list of sums, and says which differ', async () => {
    const dir = await temporaryDirectory();
    const rows = (label: number, n: number) =>
      Array.from({ length: n }, (_, i) => `${label},review ${i} of ${label}\n`).join('');
    await mkdir(join(dir, 'mr'));
    await writeFile(join(dir, 'mr', 'train.csv'), rows(0, 9) + rows(1, 9));
    await writeFile(join(dir, 'mr', 'test.csv'), rows(1, 2));
    const argv = [
      'split',
      '-t',
      'mr',
      '--original',
      dir,
      '--shots',
      '2',
      '--seeds',
      '5',
      '-o',
      join(dir, 'k'),
      '-q',
    ];
    const { stdout } = await runCli([...argv, '--json']);
    const { files } = JSON.parse(stdout);
    expect(files).toHaveLength(3);
    expect((await readFile(join(dir, 'k/mr/2-5/train.csv'), 'utf8')).trim().split('\n')).toHaveLength(4);
    const list = join(dir, 'sums');
    const write = (flip: boolean) =>
      writeFile(
        list,
        files
          .map(
            ({ md5, name }: { md5: string; name: string }) =>
              `${flip && name.endsWith('dev.csv') ? '0'.repeat(32) : md5}  ${name}\n`,
          )
          .join(''),
      );
    await write(false);
    expect((await runCli([...argv, '--check', list])).stdout).toMatch(/3 of 3 files/);
    await write(true);
    expect((await runCli([...argv, '--check', list])).stderr).toMatch(
      /1 of 3 files differ, first mr\/2-5\/dev\.csv/,
    );
    await writeFile(list, 'no sum\n');
    expect((await runCli([...argv, '--check', list])).code).toBe(2);
  });
});

describe('models list', () => {
  afterEach(() => vi.unstubAllEnvs());
  it('lists the models of the Hugging Face cache, and what those that are not whole lack', async () => {
    const cache = await temporaryDirectory();
    vi.stubEnv('HF_HUB_CACHE', cache);
    const whole = join(cache, 'models--some-org--tiny', 'snapshots', 'a'.repeat(40));
    await mkdir(whole, { recursive: true });
    for (const name of ['config.json', 'vocab.txt', 'model.safetensors'])
      await writeFile(join(whole, name), '{}');
    await mkdir(join(cache, 'models--roberta-base', 'blobs'), { recursive: true });
    const { stdout } = await runCli(['models', '--json']);
    expect(JSON.parse(stdout).cached).toEqual([
      { id: 'roberta-base', missing: 'it was never downloaded' },
      { id: 'some-org/tiny', commit: 'a'.repeat(40) },
    ]);
    expect((await runCli(['models'])).stdout).toMatch(/some-org\/tiny +│ Hugging Face cache: --model/);
  });
});

it('zero-shot asks the embedded model, calibrated, and prints no kernel', async () => {
  const argv = ['zero-shot', '--shots', '1', '--limit-test', '6', '--calibrate', '--quiet'];
  const { code, stdout } = await runCli([...argv, '--model', modelDirectory]);
  expect(code).toBe(0);
  expect(stdout).toMatch(/majority[\s\S]*zero-shot [\s\S]*zero-shot, calibrated/);
  expect(stdout).not.toMatch(/kernel/);
});
