import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampled } from '@ntk-lens/testing/sampled';
import { tarOf } from '@ntk-lens/testing/tar-of';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runCli } from '../../../../packages/ntk-lens/src/testing/run-cli.js';
import { fileServer, serve } from '../../../../packages/tasks/src/testing/file-server.js';
import { root } from '../root.js';
import { type CommandLine, commandLines } from './command-lines.js';
import { blocksIn } from './documents.js';
import { readerDirectory } from './reader-directory.js';

const commands = blocksIn('sh').flatMap(commandLines);
const isProgram = ({ words }: CommandLine): boolean => words[words[0] === 'npx' ? 1 : 0] === 'ntk-lens';
const program = commands.filter(isProgram);
const titled = (list: readonly CommandLine[]) =>
  list.map((line) => [`${line.block.document}: ${line.words.join(' ')}`, line] as const);

/** The words after the name of the program. */
const argumentsOf = ({ words }: CommandLine): readonly string[] => words.slice(words.indexOf('ntk-lens') + 1);

const help = async (...names: readonly string[]): Promise<string> =>
  (await runCli([...names, '--help'])).stdout;

describe('commands of other programs', () => {
  const manifest = (folder: string) =>
    JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as {
      readonly name: string;
      readonly scripts: Readonly<Record<string, string>>;
      readonly peerDependencies?: Readonly<Record<string, string>>;
    };
  const workspace = ['packages', 'tooling']
    .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map(manifest);
  const others = commands.filter((line) => !isProgram(line));

  test('npm installs packages of this repository, and what they leave to their users', () => {
    const installed = others.filter(({ words }) => words[0] === 'npm').flatMap(({ words }) => words.slice(2));
    const names = installed.filter((word) => !word.startsWith('-'));
    const known = workspace.flatMap(({ name, peerDependencies = {} }) => [
      name,
      ...Object.keys(peerDependencies),
    ]);
    expect(names.filter((word) => !known.includes(word))).toEqual([]);
    expect(names.length).toBeGreaterThan(10);
  });

  test('pnpm runs scripts that are there', () => {
    const asked = others.flatMap(({ words }) => {
      const [first, second, third] = words.slice(words.indexOf('pnpm') + 1).filter((word) => word !== 'run');
      if (!words.includes('pnpm')) return [];
      return first === '--filter'
        ? [{ name: second!, script: third! }]
        : [{ name: manifest('.').name, script: first! }];
    });
    const all = [...workspace, manifest('.')];
    const missing = asked.filter(
      ({ name, script }) => !all.find((other) => other.name === name)?.scripts[script],
    );
    expect(missing).toEqual([]);
    expect(asked.length).toBeGreaterThan(4);
  });

  test('Node runs files that are there', () => {
    const files = others.filter(({ words }) => words[0] === 'node').map(({ words }) => words[1]!);
    expect(files.filter((file) => !existsSync(join(root, file)))).toEqual([]);
  });
});

describe('flags', () => {
  test.each(titled(program))('%s', async (_, line) => {
    const [command = '', second = ''] = argumentsOf(line);
    const known = await help(...(command === 'tasks' ? [command, second] : [command]));
    const flags = argumentsOf(line).filter((word) => word.startsWith('-'));
    expect(flags.filter((flag) => !new RegExp(`(^|[ ,])${flag}(?![\\w-])`, 'm').test(known))).toEqual([]);
  });

  test('every flag that the text of packages/ntk-lens/README.md names is one of some command', async () => {
    const text = readFileSync(join(root, 'packages/ntk-lens/README.md'), 'utf8').replace(
      /^```[\s\S]*?^```$/gm,
      '',
    );
    const named = new Set(
      [...text.matchAll(/`[^`]*`/g)].flatMap(([code]) => code.match(/--[a-z][\w-]*/g) ?? []),
    );
    const names = [...(await help()).matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name!);
    const pages = await Promise.all(names.map((name) => help(name)));
    const all = [...pages, await help('tasks', 'get'), await help('models', 'show')].join('\n');
    expect([...named].filter((flag) => !new RegExp(`${flag}(?![\\w-])`).test(all))).toEqual([]);
    expect(named.size).toBeGreaterThan(30);
  });
});

/**
 * Commands that take longer than ten seconds, and those that need a server or a causal model; packages/ntk-lens/src/cli, src/run/check,
 * src/units/queue and src/run/causal-model.test.ts have their tests.
 */
const isElsewhere = ({ words }: CommandLine): boolean =>
  words.includes('demo') ||
  words.includes('--redis') ||
  words.includes('./smollm2-135m') ||
  (words.includes('check') && !words.includes('--two-layer'));

/** Commands with those before them that write what they read, in order. */
const withNeeded = (chosen: readonly CommandLine[], all: readonly CommandLine[]): readonly CommandLine[] => {
  const writes = ({ words }: CommandLine, read: string): boolean => {
    const out = words[words.indexOf('--out') + 1]!;
    return words.includes('--out') && (read === out || read.startsWith(`${out}/`));
  };
  const needed = all.filter(
    (line, i) =>
      !chosen.includes(line) &&
      chosen.some((other) => i < all.indexOf(other) && other.words.some((word) => writes(line, word))),
  );
  if (needed.length === 0) return all.filter((line) => chosen.includes(line));
  return withNeeded([...chosen, ...needed], all);
};

/** What makes a command small: options that are added to it. The last one of a kind counts. */
const small = (words: readonly string[]): readonly string[] => {
  const has = (flag: string) => words.includes(flag);
  const [command = ''] = words;
  if (command === 'pretrain' || command === 'coordinates')
    return ['--widths', '8,16,64', '--seeds', '0', '--steps', '2', '--batch', '4', '--heads', '2'];
  if (command === 'tasks' && words[1] === 'get') return ['--endpoint', `https://=${server.origin}/`];
  // The units were planned for the tiny model.
  if (['worker', 'submit'].includes(command)) return has('--model') ? [] : ['--model', 'my-model'];
  if (!['run', 'kernel', 'finetune', 'prompt', 'zero-shot'].includes(command)) return [];
  return [
    ...(has('--model') ? [] : ['--model', 'my-model']),
    ...['--shots', '4'],
    ...(command === 'prompt' ? [] : ['--limit-test', '4']),
    ...(['prompt', 'zero-shot'].includes(command) ? [] : ['--force']),
    ...(has('--seeds') ? ['--seeds', '13,21'] : []),
    ...(command === 'finetune' ? ['--steps', '4', '--batch', '4'] : []),
    ...(has('--trajectory') ? ['--trajectory', '1,2'] : []),
  ];
};

/** What commands find that others have made. */
const made = ['run --out runs/sentiment', 'run --task topic --seeds 13,21 --out runs/topic'].concat(
  ['13', '21', '42'].map((seed, i) => `kernel --formula a-signgd --binary --seed ${seed} --out ${'abc'[i]}`),
);

const run = (words: readonly string[]) => runCli([...words, ...small(words)]);
const start = process.cwd();
let server: Awaited<ReturnType<typeof fileServer>>;

describe('commands of every README and how-to page run, in order, on tiny models', () => {
  beforeAll(async () => {
    const home = await readerDirectory();
    process.chdir(home);
    server = await fileServer();
    server.handle = serve(tarOf({ 'original/mr/train.csv': '0,bad\n', 'original/mr/test.csv': '1,good\n' }));
    for (const command of made) expect(await run(command.split(' '))).toMatchObject({ code: 0 });
  });
  afterAll(async () => {
    process.chdir(start);
    await server.close();
  });

  const readme = program.filter(
    (line) => /README\.md$|^docs\/how-to\//.test(line.block.document) && !isElsewhere(line),
  );
  const drawn = withNeeded(sampled(readme, 5), readme);
  test.each(titled(drawn))('%s', async (_, line) => {
    const { code, stderr } = await run(argumentsOf(line));
    // A parametrization may fail at these widths, which is an answer too.
    expect(code === 1 && line.words.includes('coordinates') ? '' : `${code} ${stderr}`).toMatch(
      /^(0 [\s\S]*)?$/,
    );
  });
});
