import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openTileStore } from '@ntk-lens/kernels';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { beforeAll, describe, expect, it } from 'vitest';
import { editSealed } from '../testing/edit-sealed.js';
import { runCli } from '../testing/run-cli.js';

let onModel: readonly string[];
beforeAll(async () => {
  const model = await tinyModel(join(await temporaryDirectory(), 'tiny'));
  onModel = ['--model', model, '--shots', '2', '--limit-test', '4', '--quiet', '--threads', '1'];
});

const editJson = async (file: string, edit: (content: Record<string, unknown>) => Record<string, unknown>) =>
  writeFile(file, JSON.stringify(edit(JSON.parse(await readFile(file, 'utf8')))));

describe('tiles of version 1, whose tiles.json is the bare identity', () => {
  const write = async (directory: string, content: unknown) => {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, 'tiles.json'), JSON.stringify(content));
  };

  it('are refused by name, whatever their identity; the runtime has a "version", too', async () => {
    const directory = await temporaryDirectory();
    const identity = { formula: 'sgd', runtime: 'ort-cpu', version: '1.30.0' };
    await write(directory, identity);
    await expect(openTileStore(directory, identity)).rejects.toMatchObject({
      code: 'OLD_TILES',
      kind: 'input',
      found: 1,
      message: expect.stringMatching(/found version 1, expected 7\. Remove the folder or set `force: true`/),
    });
    await write(directory, { format: 'ntk-lens-tiles', version: 8, identity });
    await expect(openTileStore(directory, identity)).rejects.toMatchObject({ code: 'OLD_TILES', found: 8 });
  });

  it('of this version go on with an equal identity, and name the fields in which another differs', async () => {
    const directory = await temporaryDirectory();
    await openTileStore(directory, { formula: 'sgd', version: '1' });
    expect(JSON.parse(await readFile(join(directory, 'tiles.json'), 'utf8'))).toEqual({
      format: 'ntk-lens-tiles',
      version: 7,
      identity: { formula: 'sgd', version: '1' },
      sha256: expect.stringMatching(/^[\da-f]{64}$/),
    });
    await openTileStore(directory, { formula: 'sgd', version: '1' });
    await expect(openTileStore(directory, { formula: 'sgd', version: '2' })).rejects.toMatchObject({
      code: 'OTHER_TILES',
      message: expect.stringContaining('version: found "1", expected "2"'),
    });
  });

  it('stop a run with exit code 2, and go with --force', async () => {
    const out = join(await temporaryDirectory(), 'run');
    const kernel = ['kernel', ...onModel, '--out', out];
    expect(await runCli(kernel)).toMatchObject({ code: 0 });
    const whole = await readFile(join(out, 'test.npy'));
    await editSealed(join(out, 'manifest.json'), (content) => ({ ...content, files: {} }));
    await write(join(out, 'tiles'), { formula: 'sgd' });
    const refused = await runCli(kernel);
    expect([refused.code, refused.stderr]).toEqual([
      2,
      expect.stringContaining('found version 1, expected 7'),
    ]);
    expect(await runCli([...kernel, '--force'])).toMatchObject({ code: 0 });
    expect(await readdir(out)).not.toContain('tiles');
    expect(await readFile(join(out, 'test.npy'))).toEqual(whole);
  });
});

describe('a fine-tuning of version 1', () => {
  let out: string;
  let argv: readonly string[];
  beforeAll(async () => {
    out = join(await temporaryDirectory(), 'tuned');
    const training = ['--space', 'bitfit', '--lr', '1e-3', '--batch', '4', '--steps', '2'];
    argv = ['finetune', ...onModel, ...training, '--out', out];
    expect(await runCli(argv)).toMatchObject({ code: 0 });
  });

  it('has checkpoints that are refused by name, and trained anew with --force', async () => {
    const checkpoint = join(out, 'training', 'lr-0.001-batch-4', 'checkpoint.json');
    const written = JSON.parse(await readFile(checkpoint, 'utf8'));
    expect(written).toMatchObject({ format: 'ntk-lens-training', version: 3 });
    const unfinished = () => editSealed(join(out, 'manifest.json'), ({ results: _, ...content }) => content);
    await editJson(checkpoint, (content) => ({ ...content, version: 1 }));
    await unfinished();
    const refused = await runCli(argv);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(
      /lr-0\.001-batch-4.*found version 1, expected 3\. Remove the folder, or say --force/,
    );
    expect(await runCli([...argv, '--force'])).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(checkpoint, 'utf8')).history).toEqual(written.history);
    await editJson(checkpoint, ({ version: _, ...content }) => content);
    await unfinished();
    expect((await runCli(argv)).stderr).toMatch(/no version.*Remove the directory/);
    expect(await runCli([...argv, '--force'])).toMatchObject({ code: 0 });
  });

  it('has a directory that takes no other training', async () => {
    const manifest = join(out, 'manifest.json');
    await editJson(manifest, (content) => ({ ...content, version: 1 }));
    const refused = await runCli(argv);
    expect(refused.code).toBe(2);
    expect(refused.stderr).toMatch(/found version 1 .*\(a fine-tuning run\), expected version 3/);
    expect(await runCli([...argv, '--force'])).toMatchObject({ code: 0 });
    expect(JSON.parse(await readFile(manifest, 'utf8')).version).toBe(3);
  });
});
