import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { formulaNames } from '@ntk-lens/kernels/formulas';
import { optimizerNames } from '@ntk-lens/subspace/optimizers';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { describe, expect, it } from 'vitest';
import { flagsOf } from '../options/flags.js';
import { runCli } from '../testing/run-cli.js';
import { commandsBelow } from './command.js';
import { completionScript, type Shell } from './completion.js';
import { program } from './program.js';

const has = (shell: string) => spawnSync(shell, ['-c', 'true']).status === 0;

/** What bash offers for the last of some words, by its own programmable completion. */
const offered = (...words: readonly string[]): readonly string[] => {
  const script = `${completionScript(program, 'bash')}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_ntk_lens
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script, 'bash', 'ntk-lens', ...words], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter(Boolean);
};

const all = commandsBelow(program).map(
  ({ words, command }) => [words.split(' ').filter(Boolean), command] as const,
);

describe.runIf(has('bash'))('bash completes', () => {
  it('commands, and commands of commands', () => {
    expect(offered('')).toEqual([...program.commands!.map(({ name }) => name), '--help']);
    expect(offered('ru')).toEqual(['run']);
    expect(offered('tasks', 'g')).toEqual(['get']);
  });
  it('every flag of every command', () => {
    for (const [path, command] of all) {
      const names = command.options.flatMap(flagsOf).flatMap((flag) => flag.names);
      expect(offered(...path, '-')).toEqual([...names, '--help']);
    }
  });
  it('values of choice options, in lists after a comma, too', () => {
    expect(offered('run', '--formula', '')).toEqual([...formulaNames]);
    expect(offered('run', '--task', 'topic', '-f', 'sgd,co')).toEqual(['sgd,cosine']);
    expect(offered('finetune', '--optimizer', '')).toEqual([...optimizerNames]);
    expect(offered('solve', 'DIR', '--table', 'l')).toEqual(['latex']);
  });
  it('files for a flag that takes any text, and flags again after it', async () => {
    const file = join(await temporaryDirectory(), 'config.json');
    await writeFile(file, '{}');
    expect(offered('run', '--config', file.slice(0, -3))).toEqual([file]);
    expect(offered('run', '--config', file, '--forc')).toEqual(['--force']);
  });
});

describe.each(['zsh', 'fish'] as const)('the script for %s', (shell: Shell) => {
  it('names every command, flag and value', () => {
    const script = completionScript(program, shell);
    for (const [path, command] of all) {
      for (const word of path) expect(script).toContain(word);
      for (const { names, option } of command.options.flatMap(flagsOf))
        for (const word of [...names.map((name) => name.replace(/^-+/, '')), ...(option.kind.choices ?? [])])
          expect(script).toContain(word);
    }
  });
  it.runIf(has(shell))('is read by it', async () => {
    const file = join(await temporaryDirectory(), 'completion');
    await writeFile(file, completionScript(program, shell));
    expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });
});

it('completion prints the script of a shell, and refuses one that it does not know', async () => {
  expect(await runCli(['completion', 'fish'])).toMatchObject({
    code: 0,
    stdout: completionScript(program, 'fish'),
  });
  const { code, stderr } = await runCli(['completion', 'tcsh']);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/tcsh.*bash, zsh, fish/)]);
});
