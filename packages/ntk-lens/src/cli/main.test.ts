import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CancelledError, NtkLensError } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { describe, expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.js';
import { exitCodeOf } from './exit-code.js';
import { printError } from './print-error.js';

const { signal } = new AbortController();

describe('exit codes', () => {
  it('0 for help and version, however they are asked', async () => {
    const help = [['--help'], ['run', '-h'], ['help', 'solve'], ['--no-color', 'tasks', '--json', '--help']];
    for (const argv of help)
      expect(await runCli(argv)).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Usage: /) });
    for (const argv of [['--version'], ['-v'], ['-V'], ['version'], ['--color=never', 'version']])
      expect(await runCli(argv)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
      });
  });
  it('2 for usage errors, with a hint', async () => {
    for (const argv of [[], ['nope'], ['run', '--nope'], ['run', '--shots', '0'], ['solve']]) {
      const { code, stderr, stdout } = await runCli(argv);
      expect(code).toBe(2);
      expect(stdout).toBe('');
      expect(stderr).toMatch(/--help/);
    }
  });
  it('1 for failures and what is not foreseen, 2 for input, 130 for cancelled', () => {
    expect(exitCodeOf(new NtkLensError('X', 'failure', 'x'), signal)).toBe(1);
    expect(exitCodeOf(new NtkLensError('X', 'input', 'x'), signal)).toBe(2);
    expect(exitCodeOf(new CancelledError('It'), signal)).toBe(130);
    expect(exitCodeOf(new Error('x'), signal)).toBe(1);
    expect(exitCodeOf(AbortSignal.abort().reason, signal)).toBe(1);
    expect(exitCodeOf(AbortSignal.abort().reason, AbortSignal.abort())).toBe(130);
  });
});

describe('errors', () => {
  it('are one paragraph without a stack, with it under --verbose or NTK_LENS_DEBUG', async () => {
    const plain = await runCli(['tasks', 'show', 'nope']);
    expect(plain.stderr).toMatch(/^error: Task "nope" is not known\..*\n$/);
    for (const { stderr } of [
      await runCli(['tasks', 'show', 'nope', '--verbose']),
      await runCli(['tasks', 'show', 'nope'], { NTK_LENS_DEBUG: '1' }),
    ]) {
      expect(stderr).toMatch(/\n\s+at /);
    }
  });
  it('are one JSON line with --json, usage errors too', async () => {
    const bad = await runCli(['tasks', 'show', 'nope', '--json']);
    expect(JSON.parse(bad.stderr)).toMatchObject({
      type: 'error',
      kind: 'input',
      code: 'UNKNOWN_TASK',
      exitCode: 2,
    });
    const usage = await runCli(['run', '--json', '--shots', 'x']);
    expect(JSON.parse(usage.stderr)).toMatchObject({ type: 'error', code: 'USAGE', exitCode: 2 });
    expect([bad.stdout, usage.stdout]).toEqual(['', '']);
  });
  it('keep to the width of a terminal, broken between words, with what points at a place as it is', async () => {
    const message =
      'Template: piece "snet_0" at character 7 is not known.\n  *cls**snet_0*_It_was*mask*\n        ^^^^^^';
    const printed = async (stream: object) => {
      let text = '';
      const stderr = { ...stream, write: (s: string) => (text += s) };
      const context = { stdout: { write: () => true }, stderr, env: { NO_COLOR: '1' }, signal };
      await printError(new NtkLensError('X', 'input', message), context, { json: false, stack: false });
      return text;
    };
    expect(await printed({})).toBe(`error: ${message}\n`);
    expect((await printed({ isTTY: true, columns: 24 })).split('\n')).toEqual([
      'error: Template: piece',
      '"snet_0" at character 7',
      'is not known.',
      '  *cls**snet_0*_It_was*mask*',
      '        ^^^^^^',
      '',
    ]);
  });
  it('cannot move the cursor of the terminal', async () => {
    let text = '';
    const context = {
      stdout: { write: () => true },
      stderr: { write: (s: string) => (text += s) },
      env: {},
      signal,
    };
    await printError(new NtkLensError('X', 'input', 'a\u001b[2Jb\nc'), context, {
      json: false,
      stack: false,
    });
    expect(text).toBe('error: a\ufffd[2Jb\nc\n');
  });
});

describe('tasks', () => {
  it('lists every task, as a table and as JSON', async () => {
    const { stdout } = await runCli(['tasks']);
    for (const name of ['SST-2', 'MNLI', 'sentiment']) expect(stdout).toContain(name);
    expect(JSON.parse((await runCli(['tasks', 'list', '--json'])).stdout)).toHaveLength(
      stdout.split('\n').filter((line) => line.startsWith('│')).length - 1,
    );
  });
  it('shows the prompt of one', async () => {
    expect((await runCli(['tasks', 'show', 'topic'])).stdout).toContain('*_news.*sep+*');
  });
});

describe('models', () => {
  it('lists the embedded one and what is supported, and shows its shape', async () => {
    expect((await runCli(['models'])).stdout).toMatch(/minilm-mlm.*\n[\s\S]*roberta/);
    const shown = JSON.parse((await runCli(['models', 'show', '--json'])).stdout);
    expect(shown).toMatchObject({
      architecture: 'bert',
      layers: 6,
      hiddenSize: 384,
      vocabSize: 30522,
      heads: 12,
    });
    expect(shown.parameters).toBe(22_744_506);
  });
});

describe('a name that is not known', () => {
  it.each([
    ['rnu', 'Did you mean "run"?'],
    ['rnu --help', 'Did you mean "run"?'],
    ['help fintune', 'Did you mean "finetune"?'],
    ['--verison', 'Did you mean "--version"?'],
    ['tasks shwo', 'Did you mean "show"?'],
    ['models sohw', 'Did you mean "show"?'],
    ['run --tsak topic', 'Did you mean "--task"?'],
    ['run --limittest=3', 'Did you mean "--limit-test"?'],
    ['run --output DIR', 'Did you mean "--out"?'],
    ['run --ladder DIR', 'It is an option of check, reproduce.'],
    ['run tickets.csv', 'Did you mean "--data tickets.csv"?'],
    ['run --table latx', 'Did you mean "latex"?'],
    ['run --formula sgd,sing-gd', 'Did you mean "signgd"?'],
    ['run --runtime ortcpu', 'Did you mean "ort-cpu"?'],
    ['run --solver lstq', 'Did you mean "lstsq"?'],
    ['run --space lroa:r=8', 'Did you mean "lora"?'],
    ['run --space lora:target=query', 'Did you mean "targets"?'],
    ['run --task sentimant', 'Did you mean "sentiment"?'],
    ['run --template *cls**snet_0**mask*', 'Did you mean "sent_i"?'],
    ['run --model ./minlm-mlm', 'Did you mean "minilm-mlm"?'],
    ['finetune --optimizer admaw', 'Did you mean "adamw"?'],
    ['check --optimizer adm', 'Did you mean "adam"?'],
    ['pretrain --parametrization standrad', 'Did you mean "standard"?'],
    ['completion bsh', 'Did you mean "bash"?'],
  ])('is a question: %s', async (line, question) => {
    const out = join(await temporaryDirectory(), 'out');
    const place = /^(run|finetune|check|pretrain)/.test(line) ? ['--out', out] : [];
    const { code, stdout, stderr } = await runCli([...line.split(' '), ...place]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(question);
    await expect(readdir(out)).rejects.toThrow();
  });
  it('is no question where nothing is near', async () => {
    for (const argv of [['xyzzy'], ['run', '--xyzzy'], ['run', '--formula', 'xyzzy'], ['run', 'xyzzy']])
      expect((await runCli(argv)).stderr).not.toMatch(/Did you mean/);
  });
});

describe('colours', () => {
  const start = String.fromCharCode(27);
  it('are for terminals, and NO_COLOR, FORCE_COLOR and flags decide, flags first', async () => {
    const colored = async (argv: readonly string[], env = {}) =>
      (await runCli(argv, env)).stdout.includes(start);
    expect(await colored(['tasks'])).toBe(false);
    for (const force of ['1', '', 'true'])
      expect(await colored(['tasks'], { FORCE_COLOR: force })).toBe(true);
    for (const force of ['0', 'false']) expect(await colored(['tasks'], { FORCE_COLOR: force })).toBe(false);
    expect(await colored(['tasks'], { FORCE_COLOR: '1', NO_COLOR: '1' })).toBe(false);
    expect(await colored(['tasks'], { FORCE_COLOR: '1', NO_COLOR: '' })).toBe(true);
    expect(await colored(['tasks', '--no-color'], { FORCE_COLOR: '1' })).toBe(false);
    expect(await colored(['--no-color', 'tasks'], { FORCE_COLOR: '1' })).toBe(false);
    expect(await colored(['tasks', '--color', 'always'], { NO_COLOR: '1' })).toBe(true);
    expect(await colored(['--color', 'always', 'tasks'])).toBe(true);
    expect(await colored(['--color=always', 'tasks', '--no-color'])).toBe(false);
  });
  it('are in errors, of the command line too, as in results', async () => {
    for (const argv of [['rnu'], ['tasks', 'show', 'nope'], ['run', '--shots', 'x']]) {
      expect((await runCli([...argv, '--color=always'])).stderr).toContain(start);
      expect((await runCli([...argv, '--no-color'], { FORCE_COLOR: '1' })).stderr).not.toContain(start);
    }
  });
});

it('solve takes kernels from any directory, and says what is missing', async () => {
  const directory = await temporaryDirectory();
  await mkdir(join(directory, 'empty'));
  const { code, stderr } = await runCli(['solve', join(directory, 'empty'), '--quiet']);
  expect(code).toBe(2);
  expect(stderr).toMatch(/has no train\.npy; it holds nothing/);
  await writeFile(join(directory, 'train.npy'), 'not an array');
  expect((await runCli(['solve', directory, '--quiet'])).stderr).toMatch(
    /^error: \S+\.npy: found .*, expected/,
  );
  expect(await readFile(join(directory, 'train.npy'), 'utf8')).toBe('not an array');
});
