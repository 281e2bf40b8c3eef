import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { decodeNpy } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { expect, it } from 'vitest';
import { defaultRunConfig, type RunConfig } from '../options/run-config.js';
import { runCli } from '../testing/run-cli.js';
import { runExperiment } from './run-experiment.js';
import { showPrompts } from './show-prompts.js';
import { zeroShot } from './zero-shot.js';

const fixture = fileURLToPath(new URL('../../../models/fixtures/architectures/gpt2', import.meta.url));

/** The tiny GPT-2 with a byte-level vocabulary of its size: printable characters and two label words. */
const causalModel = async (): Promise<string> => {
  const directory = join(await temporaryDirectory(), 'tiny-gpt2');
  await mkdir(directory);
  for (const name of ['config.json', 'model.safetensors'])
    await cp(join(fixture, name), join(directory, name));
  const printable = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i));
  const tokens = [...printable.filter((c) => c !== '~' && c !== '`'), 'Ġ', 'Ġb', 'Ġg'];
  const { vocab_size: size } = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8'));
  while (tokens.length < size - 1) tokens.push(`unused${tokens.length}`);
  tokens.push('<|endoftext|>');
  await writeFile(
    join(directory, 'vocab.json'),
    JSON.stringify(Object.fromEntries(tokens.map((token, id) => [token, id]))),
  );
  await writeFile(join(directory, 'merges.txt'), '#version: 0.2\nĠ b\nĠ g\n');
  return directory;
};

const setUp = async (): Promise<RunConfig> => {
  const rows = Array.from({ length: 12 }, (_, i) => `${i % 2 ? 'good' : 'dull'}${i},${i % 2}\n`);
  const data = join(await temporaryDirectory(), 'tiny.csv');
  await writeFile(data, `text,label\n${rows.join('')}`);
  return {
    ...defaultRunConfig,
    model: await causalModel(),
    data,
    template: '*sent_0*_is*mask*',
    mapping: { 0: 'b', 1: 'g' },
    shots: [2],
    runtime: 'ort-cpu',
    threads: 1,
  };
};

it('a causal model is prompted up to the mask, and read at the last token before it', async () => {
  const { prompts, objective } = await showPrompts(await setUp(), { split: 'test', limit: 1 });
  expect(objective).toBe('causal');
  const { prompt, texts } = prompts[0]!;
  const tokens = prompt.segments.flatMap((segment) => (segment.omitted ? [] : segment.tokens));
  expect(tokens.map(({ token }) => token).join('')).toBe(`${texts[0]}Ġis`);
  expect(tokens.filter(({ read }) => read)).toEqual([tokens.at(-1)]);
});

it('a run on GPT-2: kernel, zero-shot and table, and the same zero-shot from forward passes alone', async () => {
  const config = await setUp();
  const out = await temporaryDirectory();
  const { cells, task } = await runExperiment(config, { out });
  expect(task.labelWords).toEqual(['b', 'g']);
  expect(cells[0]!.shapes.train).toEqual([4, 2, 4, 2]);
  expect(cells[0]!.scores!.kernel.test.accuracy).toBeGreaterThanOrEqual(0);
  const asked = await zeroShot(config);
  expect(asked.cells[0]!.methods[1]).toMatchObject(cells[0]!.scores!.zeroShot!);
});

it('demonstrations stand before the question, and words of several tokens are continued', async () => {
  const config: RunConfig = {
    ...(await setUp()),
    demonstrations: { perLabel: 1, seed: 1, samples: 2 },
    mapping: { 0: 'bad', 1: 'g' },
    labelRule: 'joint',
    calibrate: true,
  };
  const { prompts } = await showPrompts(config, { split: 'test', limit: 1 });
  const kept = prompts[0]!.prompt.segments.filter(({ omitted }) => omitted === undefined);
  expect(kept.findIndex(({ style }) => style === 'label')).toBeGreaterThanOrEqual(0);
  expect(kept.at(-1)!.tokens.at(-1)!.read).toBe(true);
  expect(kept.at(-1)!.piece).toBe('_is');
  const { cells } = await zeroShot(config);
  expect(cells[0]!.methods.map(({ name }) => name)).toEqual([
    'majority',
    'zero-shot',
    'zero-shot, 2 contexts',
    'zero-shot, calibrated, 2 contexts',
  ]);
});

it('under the rule joint a run is of log-probabilities of whole words, and zero-shot is what its kernels come with', async () => {
  const config: RunConfig = { ...(await setUp()), mapping: { 0: 'bad', 1: 'g' }, labelRule: 'joint' };
  const out = await temporaryDirectory();
  const { cells, config: ran } = await runExperiment(config, { out });
  expect(cells[0]!.shapes.train).toEqual([4, 2, 4, 2]);
  const logits = decodeNpy(await readFile(join(out, 'test_logits.npy')));
  expect(Math.max(...Array.from(logits.data, Number))).toBeLessThan(0);
  const asked = await zeroShot(ran);
  expect(asked.cells[0]!.methods[1]).toMatchObject(cells[0]!.scores!.zeroShot!);
  await expect(runExperiment({ ...config, labelRule: 'mean' }, { out })).rejects.toMatchObject({
    code: 'TASK_NOT_POSSIBLE',
  });
  await expect(runExperiment({ ...config, tied: true }, { out })).rejects.toThrow(/tied/);
});

it('under the rule joint fine-tuning learns whole words', async () => {
  const config = await setUp();
  const argv = ['--model', config.model!, '--data', config.data!, '--template', config.template!];
  const words = ['--mapping', '{"0": "bad", "1": "g"}', '--label-rule', 'joint', '--shots', '2'];
  const training = ['--space', 'lora:r=2', '--optimizer', 'adam', '--lr', '1e-2', '--batch', '4'];
  const out = await temporaryDirectory();
  const common = [...argv, ...words, '--runtime', 'ort-cpu', '--threads', '1', '--quiet', '--json'];
  const { stdout, stderr } = await runCli(['finetune', ...common, ...training, '--steps', '4', '--out', out]);
  expect(stderr).toBe('');
  const [sample] = JSON.parse(stdout).samples;
  const losses = sample.grid[0].history.flatMap(({ loss }: { loss?: number }) => loss ?? []);
  expect(losses.at(-1)).toBeLessThan(losses[0]);
});
