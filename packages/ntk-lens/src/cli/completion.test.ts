import { spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runtimeNames } from '@ntk-lens/engine/runtime-names';
import { formulaNames } from '@ntk-lens/kernels/formulas';
import { solverNames } from '@ntk-lens/solvers';
import { optimizerNames } from '@ntk-lens/subspace/optimizers';
import { spaceNames } from '@ntk-lens/subspace/space-names';
import { tasks } from '@ntk-lens/tasks';
import { sampled } from '@ntk-lens/testing/sampled';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { describe, expect, it } from 'vitest';
import { flagsOf } from '../options/flags.js';
import { runCli } from '../testing/run-cli.js';
import { commandsBelow } from './command.js';
import { completionScript, type Shell } from './completion.js';
import { program } from './program.js';

const installed = (shell: Shell): boolean => spawnSync(shell, ['-c', 'true']).status === 0;

const scripts: Readonly<Record<Shell, string>> = {
  bash: await completionScript(program, 'bash'),
  zsh: await completionScript(program, 'zsh'),
  fish: await completionScript(program, 'fish'),
};

const outputOf = (shell: Shell, args: readonly string[]): string => {
  const { status, stdout, stderr } = spawnSync(shell, args, { encoding: 'utf8' });
  expect([status, stderr]).toEqual([0, '']);
  return stdout;
};

/** What bash offers for the last of some words, by its own programmable completion. */
const inBash = (...words: readonly string[]): readonly string[] => {
  const script = `${scripts.bash}
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=()
_ntk_lens
printf '%s\\n' "\${COMPREPLY[@]}"`;
  return outputOf('bash', ['-c', script, 'bash', 'ntk-lens', ...words])
    .split('\n')
    .filter(Boolean);
};

/** What zsh offers: compgen of bashcompinit runs the function of the script as at a key. compinit has no part in it. */
const inZsh = (...words: readonly string[]): readonly string[] => {
  const script = `compdef() { :; }
${scripts.zsh}
words=("$@"); CURRENT=$#; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); PREFIX="$words[CURRENT]"
compgen -F _ntk_lens -- "\${words[CURRENT]}"`;
  return outputOf('zsh', ['-f', '-c', script, 'zsh', 'ntk-lens', ...words])
    .split('\n')
    .filter(Boolean);
};

/** What fish offers, without the descriptions. */
const inFish = (...words: readonly string[]): readonly string[] => {
  const script = `${scripts.fish}
complete -C ${JSON.stringify(['ntk-lens', ...words].join(' '))}`;
  return outputOf('fish', ['--no-config', '-c', script])
    .split('\n')
    .flatMap((line) => line.split('\t')[0] || []);
};

const offer = { bash: inBash, zsh: inZsh, fish: inFish };

const all = commandsBelow(program).map(
  ({ words, command }) => [words.split(' ').filter(Boolean), command] as const,
);

describe.each(['bash', 'zsh', 'fish'] as const)('%s', (shell) => {
  const offered = offer[shell];
  const there = installed(shell);
  // A test that is skipped says why.
  const where = there ? '' : ` (skipped: ${shell} is not installed)`;
  const sorted = (names: readonly string[]) => [...names].sort();

  it.runIf(there)(`completes commands, and commands of commands${where}`, () => {
    const commands = program.commands!.map(({ name }) => name);
    expect(offered('')).toEqual(expect.arrayContaining(commands));
    expect(offered('ru')).toEqual(['run']);
    expect(offered('tasks', 'g')).toEqual(['get']);
    expect(sorted(offered('run', '--ta'))).toEqual(['--table', '--task', '--tasks']);
  });
  it.runIf(there)(`completes names of everything that a registry lists${where}`, () => {
    const names: readonly (readonly [words: readonly string[], names: readonly string[]])[] = [
      [['run', '--task'], tasks.map(({ name }) => name)],
      [
        ['finetune', '--runtime'],
        ['auto', ...runtimeNames],
      ],
      [['run', '--formula'], formulaNames],
      [['run', '--space'], spaceNames],
      [['check', '--space'], spaceNames],
      [
        ['solve', 'DIR', '--solver'],
        [...solverNames, 'auto'],
      ],
      [['finetune', '--optimizer'], optimizerNames],
      [['tasks', 'show'], tasks.map(({ name }) => name)],
    ];
    for (const [words, known] of sampled(names, 3)) {
      const found = sorted(offered(...words, ''));
      // Where flags can stand, they are offered with the names.
      expect(found.filter((name) => !name.startsWith('-'))).toEqual(sorted(known));
    }
    expect(offered('run', '--model', 'minilm-m')).toEqual(['minilm-mlm']);
  });
  it.runIf(there)(`offers files where a value can be one${where}`, async () => {
    const file = join(await temporaryDirectory(), 'config.json');
    await writeFile(file, '{}');
    for (const flag of ['--config', '--model'])
      expect(offered('run', flag, file.slice(0, -3))).toEqual([file]);
    expect(offered('run', '--config', file, '--forc')).toEqual(['--force']);
    expect(offered('run', '--task', file.slice(0, -3))).toEqual([]);
  });
});

describe.runIf(installed('bash'))('bash', () => {
  it('completes every flag of every command', () => {
    for (const [path, command] of sampled(all, 8)) {
      const names = command.options.flatMap(flagsOf).flatMap((flag) => flag.names);
      expect(inBash(...path, '-')).toEqual([...names, '--help']);
    }
  });
  it('completes lists after a comma', () => {
    expect(inBash('run', '--task', 'topic', '-f', 'sgd,co')).toEqual(['sgd,cosine']);
  });
});

it('the script for fish names every command, flag and value', () => {
  for (const [path, command] of all) {
    for (const word of path) expect(scripts.fish).toContain(word);
    for (const { names, option } of command.options.flatMap(flagsOf))
      for (const word of [...names.map((name) => name.replace(/^-+/, '')), ...(option.kind.choices ?? [])])
        expect(scripts.fish).toContain(word);
  }
});

it('completion prints the script of a shell, and refuses one that it does not know', async () => {
  expect(await runCli(['completion', 'fish'])).toMatchObject({
    code: 0,
    stdout: scripts.fish,
  });
  const { code, stderr } = await runCli(['completion', 'tcsh']);
  expect([code, stderr]).toEqual([2, expect.stringMatching(/tcsh.*bash, zsh, fish/)]);
});
