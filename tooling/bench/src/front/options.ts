import { availableParallelism } from 'node:os';
import { runtimeNames } from '@ntk-lens/engine/runtime-names';
import type { OptionDefinition } from './option.js';

/** Options that mean the same in every bench that has them. */
export const common = {
  python: {
    kind: 'text',
    default: process.env['PYTHON'] ?? 'python3',
    shown: '$PYTHON, or python3',
    meaning: 'Python that has the packages of tooling/bench/requirements.txt',
  },
  model: {
    kind: 'folder',
    meaning:
      'a RoBERTa-base directory; without it, random weights of that shape are written and removed after',
  },
  threads: {
    kind: 'count',
    default: Math.min(2, availableParallelism()),
    shown: '2, or 1 on one core',
    meaning: 'threads of ours and of every peer',
  },
  turns: {
    kind: 'count',
    default: 1,
    meaning: 'how often each side is measured, by turns; medians count',
  },
  seed: { kind: 'count', least: 0, default: 0, meaning: 'seed of the inputs' },
  memory: { kind: 'number', default: 3.5, meaning: 'budget of our runs, GiB' },
  runtime: {
    kind: 'text',
    choices: runtimeNames,
    default: 'ort-cpu',
    meaning: 'runtime of our side',
  },
  quick: {
    kind: 'flag',
    meaning: 'a tiny model and small sizes: shows that everything runs; its figures mean nothing',
  },
  json: { kind: 'place', meaning: 'a file for the figures, as JSON' },
} as const satisfies Record<string, OptionDefinition>;
