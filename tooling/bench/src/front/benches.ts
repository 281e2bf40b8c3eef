import { fileURLToPath } from 'node:url';
import { sectionNames } from '../kernels/section-names.js';
import type { OptionDefinitions } from './option.js';
import { common } from './options.js';

/** A bench as the front knows it. Its code is the module of its name in the folder above. */
export interface Bench {
  /** Follows its name in the list. */
  readonly summary: string;
  readonly about?: string;
  readonly options: OptionDefinitions;
  /** Packages of Python that its peers need. */
  readonly needs?: readonly string[];
}

const { python, model, threads, turns, seed, memory, runtime, quick, json } = common;
const inRepository = (path: string): string => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const torch = ['torch', 'transformers', 'safetensors', 'numpy'] as const;

const tables = {
  out: { kind: 'place', meaning: 'the folder of the runs; a run that was interrupted goes on there' },
  page: {
    kind: 'file',
    default: inRepository('docs/results.md'),
    shown: 'docs/results.md',
    meaning: 'the page whose tables are written anew',
  },
  'table-only': { kind: 'flag', meaning: 'runs nothing: writes tables from the runs that are finished' },
} as const satisfies OptionDefinitions;
const samples = (folder: string) =>
  ({
    kind: 'folder',
    default: inRepository(`../shared/data/${folder}`),
    shown: `../shared/data/${folder}, next to the repository`,
    meaning: 'k-shot samples as LM-BFF writes them',
  }) as const;

/** Every bench with its options. */
export const benches = {
  kernels: {
    summary: 'every performance figure of the kernels, against PyTorch and plain products',
    about:
      "Each measurement is a fresh process; a peer's kernel is compared with ours, and its time counts only where they agree.",
    options: {
      sections: {
        kind: 'names',
        choices: sectionNames,
        default: sectionNames.filter((name) => name !== 'bergson'),
        meaning: 'parts of the table',
      },
      ...{ model, python, threads, turns, memory, runtime, seed, json, quick },
    },
    needs: torch,
  },
  'kernel-run': {
    summary: 'one kernel in a process of its own, as one JSON line',
    options: {
      model: { ...model, required: true, meaning: 'the directory of a model' },
      inputs: {
        kind: 'file',
        required: true,
        meaning: 'token ids, as tooling/reference/peer_common.py reads them',
      },
      formula: { kind: 'text', default: 'sgd', meaning: 'formula of the kernel' },
      binary: { kind: 'flag', meaning: 'one output, the difference of the two label words' },
      parameters: { kind: 'names', meaning: 'globs of parameters; all of them where it is left out' },
      n: { kind: 'count', default: 32, meaning: 'training examples, at most' },
      m: { kind: 'count', default: 64, meaning: 'queries, at most' },
      batch: { kind: 'count', default: 32, meaning: 'examples of a batch, at most' },
      streamed: {
        kind: 'text',
        choices: ['yes', 'no'],
        meaning: 'weights are read when they are needed, or all before; without it, as the plan decides',
      },
      hash: { kind: 'flag', meaning: 'hashes the model first, as a session does' },
      save: { kind: 'place', meaning: 'a file for the kernel, .npy' },
      ...{ threads, runtime, memory },
    },
  },
  'before-after': {
    summary: 'this checkout against an earlier one: time, memory, distance of kernels',
    about:
      'Both run by turns, after a pair that does not count. "check" is all of "ntk-lens check" on "sentiment"; every other case is a formula, one kernel of a model of RoBERTa-base\'s shape, timed from the weights in memory on. Printed are the median of old ÷ new with an interval of 90 % for it, whatever the distribution, and medians of new ÷ old of processor seconds and peak memory.',
    options: {
      old: { kind: 'folder', required: true, meaning: 'an earlier checkout with its packages installed' },
      cases: { kind: 'names', default: ['sgd', 'signgd', 'check'], meaning: 'formulas, and check' },
      n: { kind: 'count', default: 32, meaning: 'training examples' },
      m: { kind: 'count', default: 64, meaning: 'queries' },
      binary: { kind: 'flag', meaning: 'one output instead of two' },
      together: {
        kind: 'flag',
        meaning:
          'both run at once, so that both meet the same noise: each needs cores of its own (--threads 1 on two cores)',
      },
      turns: { ...turns, default: 7 },
      ...{ model, python, threads, memory, json },
    },
    needs: torch,
  },
  check: {
    summary: '"ntk-lens check" on "sentiment", one seed, SGD and Adam: from nothing, and again',
    options: {
      out: { kind: 'place', meaning: 'the folder of the run; without it, one that is removed after' },
      ...{ threads, json },
    },
  },
  'compiled-vs-eager': {
    summary: 'forward and backward of an encoder, the same program compiled and eager',
    options: {
      layers: { kind: 'count', default: 12, meaning: 'layers' },
      width: { kind: 'count', default: 768, meaning: 'hidden size' },
      sequences: { kind: 'count', default: 8, meaning: 'sequences' },
      tokens: { kind: 'count', default: 40, least: 2, meaning: 'tokens of each' },
      repetitions: { kind: 'count', default: 5, meaning: 'runs of the compiled program; the best counts' },
      'eager-repetitions': { kind: 'count', default: 1, meaning: 'runs of the eager one' },
      runtime: { ...runtime, meaning: 'runtime of the compiled side' },
      eager: { ...runtime, default: 'tfjs-wasm', meaning: 'runtime of the eager side' },
      ...{ threads, json },
    },
  },
  forecast: {
    summary: 'forecast and found time of kernels of all formulas; target: within 20 %',
    about:
      'The machine is measured first, as "ntk-lens doctor --measure" does. The kernels have one output and the shape of RoBERTa-base.',
    options: {
      formulas: { kind: 'names', default: ['sgd', 'signgd', 'a-signgd'], meaning: 'formulas of kernels' },
      queries: { kind: 'names', default: ['64', '256'], meaning: 'numbers of queries' },
      profile: { kind: 'file', meaning: 'a profile of the machine, which is then not measured' },
      ...{ model, threads, memory, seed, quick, json },
    },
  },
  forward: {
    summary: 'the forward pass of 32 sequences of 64 tokens, against PyTorch',
    about:
      'Weights are in memory on both sides. Each measurement is a fresh process; medians over the turns count.',
    options: {
      turns: { ...turns, default: 5 },
      repeats: {
        kind: 'count',
        default: 7,
        meaning: 'passes of a measurement, after one that does not count',
      },
      inputs: { kind: 'file', internal: true, meaning: 'measures our side in this process, on these inputs' },
      save: { kind: 'place', internal: true, meaning: 'a file for the logits' },
      ...{ model, python, threads, runtime, json },
    },
    needs: torch,
  },
  'infinite-width': {
    summary: 'the distance of the empirical NTK from its closed form, as widths grow; a figure',
    options: {
      out: { kind: 'place', default: 'infinite-width.svg', meaning: 'the figure' },
      seeds: { kind: 'count', least: 2, default: 16, meaning: 'networks of each width' },
      ...{ threads, runtime },
    },
  },
  'large-kernel': {
    summary: 'a kernel of 20,000 × 20,000 on the disk, assembled and solved; target: at most 1.5 GB',
    about:
      'The tiny model has width 32 and one output, and sentences have eight to eleven words. Each step is a run of the program in a process of its own: tiles are planned and computed, put together, solved with its report, and shown again.',
    options: {
      examples: { kind: 'count', default: 20_000, least: 100, meaning: 'training examples, an even number' },
      queries: { kind: 'count', default: 500, meaning: 'development examples, and as many test examples' },
      ridge: {
        kind: 'names',
        default: ['0.001', '0.01', '0.1', '1'],
        meaning: 'ridges, in units of the largest eigenvalue',
      },
      folder: {
        kind: 'place',
        meaning: 'where kernels are written, twice their size; without it, a temporary folder',
      },
      ...{ threads, seed, json, quick },
      memory: { ...memory, default: 1 },
    },
  },
  'load-weights': {
    summary: 'opening a session, and reading all weights, against reading the file',
    options: {
      turns: { ...turns, default: 5, meaning: 'runs of each, by turns, after one that does not count' },
      method: { kind: 'text', internal: true, meaning: 'measures this in this process' },
      directory: { kind: 'folder', internal: true, meaning: 'the model' },
      json,
    },
  },
  'matrix-free': {
    summary: 'a ridge of 100,000 examples by products with the kernel; target: at most 1 GB',
    about:
      'Random weights of width 32 and random prompts of 8 to 12 tokens, whose label is a function of the first; one output. The kernel would have as many entries as the square of the examples; the process holds a vector of parameters.',
    options: {
      examples: { kind: 'count', default: 100_000, least: 100, meaning: 'training examples' },
      queries: { kind: 'count', default: 500, meaning: 'development examples, and as many test examples' },
      ridge: { kind: 'names', default: ['0.01'], meaning: 'ridges, in units of the largest eigenvalue' },
      sketch: { kind: 'count', default: 16, meaning: 'vectors of the Nyström approximation' },
      ...{ threads, runtime, seed, json, quick },
      memory: { ...memory, default: 0.45 },
    },
  },
  products: {
    summary: 'rate of a plain product in ours and in PyTorch, and the floors for ratios that follow',
    options: {
      ours: { kind: 'flag', internal: true, meaning: 'measures our side in this process' },
      ...{ python, threads, turns, runtime, json },
    },
    needs: ['torch'],
  },
  pythia: {
    summary: "the SGD kernel of Pythia-160M's and of RoBERTa-base's shape, against hook-based PyTorch",
    options: { python, threads, turns, memory, runtime, seed, json, quick },
    needs: torch,
  },
  results: {
    summary: 'the k-shot tables of docs/results.md, by "ntk-lens reproduce"',
    about:
      'Kernels next to fine-tuning on 16 tasks, and kernel behaviour on four of them. Results that are not finished are marked in the tables.',
    options: {
      data: samples('k-shot-1k-test'),
      ...tables,
      out: { ...tables.out, default: inRepository('runs/results'), shown: 'runs/results' },
    },
  },
  'results-spaces': {
    summary: 'the table of parameter spaces of docs/results.md: fine-tuning against kernels',
    options: {
      data: samples('k-shot'),
      seeds: {
        kind: 'names',
        default: ['13', '21', '42'],
        meaning: 'seeds; more can be added to finished runs',
      },
      ...tables,
      out: { ...tables.out, default: inRepository('runs/results-spaces'), shown: 'runs/results-spaces' },
    },
  },
  report: {
    summary: 'a report with a large heat map in Chromium: time to open it, and its longest frame',
    options: {
      rows: { kind: 'count', default: 512, meaning: 'rows and columns of the heat map' },
      ...{ seed, quick, json },
    },
  },
  solvers: {
    summary: 'whole fits of every solver at 3,072 rows: seconds, and peak memory',
    about:
      'Every solver runs in a process of its own, after a fit of 768 rows in which its code is compiled; peers are timed in their second run. Solvers of symmetric kernels get --logits outputs an example; "asym" gets one output and both kernels of an A-SignGD run, as it can take nothing else.',
    options: {
      rows: { kind: 'count', default: 3072, meaning: 'rows of the kernel, N·C' },
      logits: { kind: 'count', default: 3, meaning: 'outputs of an example' },
      solvers: { kind: 'names', meaning: 'solvers; all where it is left out' },
      plain: { kind: 'flag', meaning: 'products in plain JavaScript, as in a page, not those of the engine' },
      peer: {
        kind: 'flag',
        meaning: "also NumPy's eigh and SciPy's Cholesky solve of such a kernel, by turns",
      },
      ...{ python, threads, turns },
      'ml-matrix': {
        kind: 'flag',
        meaning: "also that library's eigendecomposition and Cholesky factorization: minutes at 3,072 rows",
      },
      job: { kind: 'text', internal: true, meaning: 'runs this solver in this process' },
      json,
    },
    needs: ['numpy', 'scipy'],
  },
  streaming: {
    summary: 'kernels of Llama shapes whose weights exceed the memory: peak memory and time',
    about:
      'Random weights are written once as bfloat16 shards. Each run is a fresh process, which reads them from the page cache.',
    options: {
      shapes: {
        kind: 'names',
        default: ['llama-3.2-1b', 'llama-2-7b'],
        meaning: 'shapes of models; tiny shows that everything runs',
      },
      folder: {
        kind: 'place',
        meaning: 'where shards are, or are written (17 GB for both shapes); without it, a temporary folder',
      },
      keep: { kind: 'flag', meaning: 'keeps shards that were written' },
      'two-outputs': { kind: 'flag', meaning: "each label word's logit is an output, not their difference" },
      ...{ threads, seed, json },
    },
  },
  tokenize: {
    summary: 'sentences tokenized per second of processor time, against Rust',
    options: {
      sentences: {
        kind: 'file',
        meaning: "distinct sentences, one a line; without it they are made of the embedded tasks' words",
      },
      'without-rust': {
        kind: 'flag',
        meaning: 'leaves out the columns of the Rust library, which needs Python',
      },
      fresh: {
        kind: 'text',
        internal: true,
        meaning: 'measures distinct sentences of this family in this process',
      },
      ...{ python, json },
    },
    needs: ['tokenizers'],
  },
  'train-step': {
    summary: 'a fine-tuning step, all parameters and LoRA, against PyTorch',
    about: 'Each measurement is a fresh process; medians over the turns count.',
    options: {
      turns: { ...turns, default: 3 },
      steps: { kind: 'count', default: 5, meaning: 'steps of a measurement' },
      'warm-up': { kind: 'count', least: 0, default: 2, meaning: 'steps before them that do not count' },
      lr: { kind: 'number', default: 1e-5, meaning: 'learning rate of Adam' },
      space: { kind: 'text', internal: true, meaning: 'measures a step in this space in this process' },
      inputs: { kind: 'file', internal: true, meaning: 'the inputs of that' },
      ...{ model, python, threads, runtime, json },
    },
    needs: [...torch, 'peft'],
  },
  units: {
    summary: 'kernels that several processes share; targets: 90 % useful, 2 % assembly, 5 % overhead',
    about:
      'Weights and texts are random. Two workers of one thread are compared with one process at 64 × 512 with two outputs, on an encoder with the 12 layers of BERT-base and 8,192 tokens. Then units for 8 workers are computed by 2, 4 and 8 processes, in namespaces of their own where this process may make them. The program is bundled before.',
    options: {
      sections: {
        kind: 'names',
        choices: ['overhead', 'shared'],
        default: ['overhead', 'shared'],
        meaning: 'parts of the output',
      },
      train: { kind: 'count', default: 256, least: 2, meaning: 'training examples' },
      queries: { kind: 'count', default: 2048, meaning: 'development and test examples' },
      width: {
        kind: 'count',
        default: 768,
        meaning: 'width of the encoder of four layers that 8 workers share',
      },
      ...{ seed, json, quick },
      memory: { ...memory, default: 4, meaning: 'budget of two processes together, GiB' },
    },
  },
} as const satisfies Readonly<Record<string, Bench>>;

export type BenchName = keyof typeof benches;
