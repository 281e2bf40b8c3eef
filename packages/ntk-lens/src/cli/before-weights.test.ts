import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startHub, type TestHub } from '@ntk-lens/testing/hub-server';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { afterEach, beforeAll, expect, it, vi } from 'vitest';
import { runCli } from '../testing/run-cli.js';

const weights = /safetensors|bin$/;
const names = ['config.json', 'tokenizer.json', 'tokenizer_config.json', 'vocab.txt', 'model.safetensors'];
const files = new Map<string, Uint8Array>();
let hub: TestHub;
beforeAll(async () => {
  const directory = await tinyModel(join(await temporaryDirectory(), 'tiny'));
  for (const name of names) files.set(name, await readFile(join(directory, name)));
});
const serve = async (changed: Readonly<Record<string, unknown>> = {}): Promise<void> => {
  const own = Object.entries(changed).map(
    ([name, json]) => [name, Buffer.from(JSON.stringify(json))] as const,
  );
  hub = await startHub('org/tiny', new Map([...files, ...own]), (name) => weights.test(name));
  vi.stubEnv('HF_ENDPOINT', hub.endpoint);
  vi.stubEnv('HF_HUB_CACHE', await temporaryDirectory());
};
afterEach(async () => {
  vi.unstubAllEnvs();
  await hub.close();
});

/** Runs a command on a model that only the Hub has; no weights may be asked for. */
const refused = async (argv: readonly string[]): Promise<string> => {
  const run = await runCli([...argv, '--model', 'org/tiny', '--quiet', '--json']);
  expect({ code: run.code, stdout: run.stdout }, run.stderr).toEqual({ code: 2, stdout: '' });
  const { code, message } = JSON.parse(run.stderr);
  const asked = hub.requests.filter((path) => path.includes('/resolve/'));
  expect(asked, message).not.toEqual([]);
  expect(
    asked.filter((path) => weights.test(path)),
    message,
  ).toEqual([]);
  return code;
};

const commands = ['run', 'kernel', 'kernel --explain', 'finetune', 'check', 'zero-shot', 'prompt'];
const words = (negative: string) => ['--mapping', JSON.stringify({ negative, positive: 'great' })];
const long = Array.from({ length: 140 }, () => 'very').join('_');

it.each(commands)('%s refuses what the tokenizer cannot do before weights are asked for', async (command) => {
  await serve();
  const of = (...argv: string[]) => refused([...command.split(' '), ...argv]);
  expect(await of(...words('unputdownable'))).toBe('MULTI_TOKEN_LABEL_WORD');
  expect(await of(...words('great'))).toBe('DUPLICATE_LABEL_WORD');
  expect(await of('--template', `*cls**sent_0*_It_was_${long}*mask*.*sep+*`)).toBe('BAD_EXAMPLE');
});

it('a tokenizer without a mask is refused before weights are asked for', async () => {
  const tokenizer = JSON.parse(String(Buffer.from(files.get('tokenizer.json')!)));
  const named = (token: { readonly content: string }) => token.content !== '[MASK]';
  const { '[MASK]': _, ...vocab } = tokenizer.model.vocab;
  await serve({
    'tokenizer.json': {
      ...tokenizer,
      added_tokens: tokenizer.added_tokens.filter(named),
      model: { ...tokenizer.model, vocab },
    },
    'tokenizer_config.json': { tokenizer_class: 'BertTokenizer', mask_token: null },
  });
  for (const command of ['run', 'finetune']) expect(await refused([command])).toBe('MISSING_SPECIAL_TOKEN');
});

it.each([
  ['run', '--exclude', '*', 'NO_PARAMETERS'],
  ['run', '--space', 'lora:r=8,targets=nothing', 'NO_TARGETS'],
  ['run', '--memory', '1MB', 'MEMORY_BUDGET'],
  ['kernel', '--space', 'intrinsic:10', '--blocks', 'layer', 'CONFLICTING_OPTIONS'],
  ['kernel', '--space', 'prompt:600', 'BAD_ARGUMENT'],
  ['finetune', '--space', 'lora:r=8,targets=nothing', 'NO_TARGETS'],
  ['check', '--space', 'lora:r=8,targets=nothing', 'NO_TARGETS'],
  ['check', '--space', 'prompt:600', 'BAD_ARGUMENT'],
])('%s %s %s … is refused before weights are asked for', async (...argv) => {
  await serve();
  expect(await refused(argv.slice(0, -1))).toMatch(argv.at(-1)!);
});

it('work of another kind in the output directory is refused before weights are asked for', async () => {
  await serve();
  const out = await temporaryDirectory();
  await writeFile(join(out, 'notes.txt'), 'mine');
  for (const command of ['run', 'kernel', 'finetune'])
    expect(await refused([command, '--out', out])).toBe('NOT_RUN_DIRECTORY');
});
