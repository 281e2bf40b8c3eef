import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isError } from '@ntk-lens/core';
import { createRuntime, type Runtime } from '@ntk-lens/engine';
import { forwardLogits, loadModel, ParametrizationError } from '@ntk-lens/models';
import { loadTokenizer } from '@ntk-lens/tokenizers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { languageTask } from '../../language/labelled-task.js';
import { OtherLadderError } from '../../pretrain/errors.js';
import { defaultScheme } from '../../pretrain/scheme.js';
import { type PretrainLadderOptions, pretrainLadder } from './pretrain-ladder.js';

let runtime: Runtime;
let folder: string;
beforeAll(async () => {
  runtime = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  folder = await mkdtemp(join(tmpdir(), 'ntk-lens-pretrain-'));
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

const scheme = { ...defaultScheme, steps: 20, batchSize: 8, layers: 1, baseWidth: 8 };
const options = (name: string): PretrainLadderOptions => ({
  runtime,
  scheme,
  widths: [16, 8],
  seeds: [0, 1],
  directory: join(folder, name),
});

/** Every file below a directory, with its bytes. */
const filesOf = async (directory: string) => {
  const names = (await readdir(directory, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
  const entries = await Promise.all(
    names
      .sort()
      .map(
        async (name) => [name.slice(directory.length), (await readFile(name)).toString('base64')] as const,
      ),
  );
  return new Map(entries);
};

it('two ladders of one seed are the same to the byte, also where one was interrupted', async () => {
  const manifest = await pretrainLadder(options('a'));
  expect(manifest.rungs.map(({ width, seed }) => [width, seed])).toEqual([
    [8, 0],
    [8, 1],
    [16, 0],
    [16, 1],
  ]);
  for (const { loss } of manifest.rungs) expect(loss.last).toBeLessThan(loss.first);

  const phases = new Set<string>();
  let stops = 0;
  for (;;) {
    const controller = new AbortController();
    let seen = 0;
    try {
      await pretrainLadder({
        ...options('b'),
        signal: controller.signal,
        onProgress: ({ phase, detail }) => {
          phases.add(phase);
          if (phase === 'pretrain' && /width 8, seed 0/.test(detail!))
            expect(detail).toMatch(/\(1\/4\), loss \d/);
          if (phase === 'pretrain' && ++seen === 13) controller.abort();
        },
      });
      break;
    } catch (error) {
      expect(error).toMatchObject({ code: 'CANCELLED' });
      stops += 1;
    }
  }
  expect(stops).toBeGreaterThan(4);
  expect(phases).toContain('pretrain');
  expect(await filesOf(join(folder, 'b'))).toEqual(await filesOf(join(folder, 'a')));
});

it('a finished ladder is taken as it is; another scheme is refused with its differences', async () => {
  const before = await filesOf(join(folder, 'a'));
  const none = { ...options('a'), onProgress: () => expect.unreachable() };
  await pretrainLadder(none);
  expect(await filesOf(join(folder, 'a'))).toEqual(before);
  const other = pretrainLadder({ ...options('a'), scheme: { ...scheme, parametrization: 'ntk', steps: 30 } });
  await expect(other).rejects.toThrow(/parametrization: "mup" and "ntk"; steps: 20 and 30/);
  await expect(other).rejects.toSatisfy((error) => isError(error, OtherLadderError));
  // A scheme is one for the whole directory, also at widths and seeds that it does not hold yet.
  const beside = { ...none, widths: [24], seeds: [5], scheme: { ...scheme, steps: 30 } };
  await expect(pretrainLadder(beside)).rejects.toThrow(/steps: 20 and 30/);
});

it('what a kill left, half-written or not yet removed, is gone after the next call', async () => {
  const directory = join(folder, 'a');
  const before = await filesOf(directory);
  const rung = join(directory, 'width-8-seed-1');
  await mkdir(join(rung, 'training'));
  const left = [
    ...[
      join(directory, 'ladder.json'),
      join(directory, 'language', 'vocab.txt'),
      join(rung, 'config.json'),
    ].map((file) => `${file}.${randomUUID()}.tmp`),
    join(rung, 'training', 'state-20.safetensors'),
  ];
  for (const file of left) await writeFile(file, 'half');
  await pretrainLadder({ ...options('a'), onProgress: () => expect.unreachable() });
  expect(await filesOf(directory)).toEqual(before);
});

it('a ladder grows: ladder.json lists what is there, whichever call trained it', async () => {
  const directory = join(folder, 'b');
  const { rungs } = await pretrainLadder({ ...options('b'), widths: [12], seeds: [2] });
  expect(rungs.map(({ directory: name }) => name)).toEqual([
    ...['width-8-seed-0', 'width-8-seed-1', 'width-12-seed-2', 'width-16-seed-0', 'width-16-seed-1'],
  ]);
  expect(JSON.parse(await readFile(join(directory, 'ladder.json'), 'utf8')).rungs).toEqual(rungs);
});

it('models are directories that everything loads, their prompts as their tokenizer makes them', async () => {
  const directory = join(folder, 'a', 'width-16-seed-1');
  const [model, tokenizer] = [await loadModel(directory), await loadTokenizer(directory)];
  expect(model.config).toMatchObject({ modelType: 'bert', hiddenSize: 16, intermediateSize: 32, heads: 4 });
  const { prompts, labelWords, labelWordIds, examples } = languageTask({
    name: 'sentiment',
    size: 2,
    seed: 0,
  });
  expect(labelWords.map((word) => tokenizer.tokenToId(word))).toEqual(labelWordIds);
  expect(tokenizer.encode(examples[0]!.texts[0]!)).toEqual(prompts[0]!.inputIds.slice(1, -5));
  const logits = await forwardLogits({ model, runtime, examples: prompts, labelWordIds });
  expect(logits.data.every(Number.isFinite)).toBe(true);
  await model.close();
});

it('bad widths and parametrizations are refused before any work', async () => {
  const refused = { ...options('c'), onProgress: () => expect.unreachable() };
  await expect(pretrainLadder({ ...refused, widths: [8, 10] })).rejects.toThrow(
    /width: found 10.*multiple of 4/,
  );
  await expect(pretrainLadder({ ...refused, widths: [] })).rejects.toThrow(/at least one/);
  const meanField = pretrainLadder({ ...refused, scheme: { ...scheme, parametrization: 'mean-field' } });
  await expect(meanField).rejects.toSatisfy((error) => isError(error, ParametrizationError));
});
