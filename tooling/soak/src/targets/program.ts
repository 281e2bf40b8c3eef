import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BadArgumentError, type Random } from '@ntk-lens/core';
import { mutatedJson, mutatedJsonText, mutatedList, mutatedText, pick } from '@ntk-lens/testing/mutate';
import type { Command } from '../../../../packages/ntk-lens/src/cli/command.js';
import { commandsBelow } from '../../../../packages/ntk-lens/src/cli/command.js';
import { parseAndRun } from '../../../../packages/ntk-lens/src/cli/parse-and-run.js';
import { program } from '../../../../packages/ntk-lens/src/cli/program.js';
import { flagsOf } from '../../../../packages/ntk-lens/src/options/flags.js';
import { readLayers } from '../../../../packages/ntk-lens/src/options/layers.js';
import { projectFileName } from '../../../../packages/ntk-lens/src/options/project-file-name.js';
import { mergeConfig, resolveConfig } from '../../../../packages/ntk-lens/src/options/resolve-config.js';
import { type FuzzTarget, fuzzTarget } from '../fuzz/target.js';

/** A command that takes its options together and does nothing with them. */
const idle = (command: Command): Command => ({
  ...command,
  commands: command.commands?.map(idle),
  run:
    command.run &&
    (async ({ run }) => {
      await resolveConfig(run);
      return { result: null, shown: [] };
    }),
});

const LINES: readonly (readonly string[])[] = [
  [
    'run',
    '--model',
    'minilm-mlm',
    '--task',
    'sentiment',
    '--shots',
    '4,8',
    '--seeds',
    '13,21',
    '--formula',
    'sgd,a-signgd',
  ],
  [
    'kernel',
    '-t',
    'topic',
    '--space',
    'lora:r=8,bitfit',
    '--memory',
    '1.5GB',
    '--batch',
    '2',
    '--exclude',
    '*embed*',
    '--json',
  ],
  ['solve', 'runs/a', '--solver', 'lstsq', '--table', 'csv'],
  [
    'finetune',
    '--optimizer',
    'adam',
    '--lr',
    '1e-3,1e-2',
    '--steps',
    '24',
    '--patience',
    '3',
    '--trajectory',
    '0,10',
    '--no-clip',
  ],
  [
    'check',
    '--optimizer',
    'sgd,adam',
    '--sgd-lr',
    '0.01',
    '--early-steps',
    '8',
    '--probes',
    '16',
    '--threads',
    '2',
  ],
  ['pretrain', '-o', 'ladder', '--widths', '8,16', '--steps', '25', '--layers', '1', '--base-width', '8'],
  ['convert', 'a.pt', '--split', 'train', '-o', 'x', '-t', 'SST-2'],
  [
    'prompt',
    '--template',
    '*cls**sent_0*_It_was*mask*.*sep+*',
    '--mapping',
    '{"0":"bad","1":"good"}',
    '--max-length',
    '64',
  ],
  ['split', '-t', 'mr', '--original', 'x', '--shots', '2', '--seeds', '5', '-o', 'k'],
];

/** A line whose options, each with its value, are left out, moved, given twice, or written with `=`; numbers are near what they were. */
const withEditedOptions = (random: Random, line: readonly string[]): string[] => {
  const first = line.findIndex((word) => word.startsWith('-'));
  const options: string[][] = [];
  for (const word of line.slice(first)) {
    if (word.startsWith('-')) options.push([word]);
    else options.at(-1)!.push(word);
  }
  const edited = mutatedList(random, options, [
    ['--quiet'],
    ['--json'],
    ['--threads', '3'],
    ['--runtime', 'tfjs'],
  ]);
  return [
    ...line.slice(0, first),
    ...edited.flatMap(([name, ...values]) => {
      const near = values.map((value) =>
        value.replace(/\d+$/, (number) => String(Number(number) + random.interval(1))),
      );
      return name!.startsWith('--') && near.length === 1 && random.interval(2) === 0
        ? [`${name}=${near[0]}`]
        : [name!, ...near];
    }),
  ];
};

/** A configuration as the program writes it. */
const CONFIG = {
  ...{ task: 'sentiment', shots: [2, 4], seeds: [13], formulas: ['sgd'], binary: false, tied: false },
  ...{
    solver: 'lstsq',
    ridge: [0, 0.1],
    f0Scales: [10, null],
    runtime: 'ort-cpu',
    model: 'minilm-mlm',
    threads: 1,
  },
  ...{
    limitTest: 6,
    spaces: ['lora:r=2'],
    mapping: { 0: 'bad', 1: 'good' },
    template: '*cls**sent_0**mask**sep+*',
  },
};
const FIELDS = [
  ...Object.keys(CONFIG),
  'data',
  'out',
  'endpoint',
  'memory',
  'batch',
  'optimizerState',
  'exclude',
];

export const programTargets: readonly FuzzTarget[] = [
  fuzzTarget('command line', 20_000, () => {
    const whole = idle(program);
    const below = commandsBelow(program);
    const words = [
      ...below.flatMap(({ words }) => words.split(' ')),
      ...below.flatMap(({ command }) => command.options.flatMap(flagsOf).flatMap(({ names }) => names)),
      ...['--', '-', '=', '--model=', '13,21', '-1', '1e999', 'auto', '4294967297', '1GB', '{"0":"a"}'],
    ];
    const stream = { write: () => true };
    const context = { stdout: stream, stderr: stream, env: {}, signal: new AbortController().signal };
    return {
      make: (random) => {
        const whole = pick(random, LINES);
        if (random.interval(1) === 0) return withEditedOptions(random, whole);
        const line = mutatedJson(random, whole, words);
        return Array.isArray(line) ? line.map(String) : [String(line)];
      },
      read: async (argv) => {
        // A usage error is printed, not thrown.
        const code = await parseAndRun(argv, context, whole);
        if (code !== 0) throw new BadArgumentError('command line', argv.join(' '), 'another');
      },
    };
  }),
  fuzzTarget('config file', 40_000, async () => {
    const file = join(await mkdtemp(join(tmpdir(), 'ntk-lens-config-')), 'config.json');
    return {
      make: (random) => mutatedJsonText(random, CONFIG, FIELDS),
      read: async (text) => {
        await writeFile(file, text);
        await mergeConfig({}, await readLayers(file, undefined));
      },
    };
  }),
  fuzzTarget('project file and environment', 30_000, async () => {
    const directory = await mkdtemp(join(tmpdir(), 'ntk-lens-project-'));
    const project = {
      ...CONFIG,
      out: 'here',
      training: { steps: 10, learningRates: [0.001] },
      check: { steps: 8 },
    };
    const variables = {
      NTK_LENS_RUNTIME: 'ort-cpu',
      NTK_LENS_THREADS: '2',
      NTK_LENS_MEMORY: '1GB',
    };
    return {
      make: (random) => ({
        text: mutatedJsonText(random, project, FIELDS),
        env: Object.fromEntries(
          Object.entries(variables).map(([name, value]) => [
            name,
            random.interval(29) === 0 ? mutatedText(random, value) : value,
          ]),
        ),
      }),
      read: async ({ text, env }) => {
        await writeFile(join(directory, projectFileName), text);
        await mergeConfig({}, await readLayers(undefined, { env, directory }));
      },
    };
  }),
];
