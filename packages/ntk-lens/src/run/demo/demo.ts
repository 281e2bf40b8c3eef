import { join, resolve } from 'node:path';
import { type NDArray, ndarray, writeJson } from '@ntk-lens/core';
import { type EarlyLens, prepareTask } from '@ntk-lens/lens';
import { predictions } from '@ntk-lens/subspace';
import { evaluate, type Scores } from '@ntk-lens/tasks';
import {
  type Finding,
  linearizationFinding,
  measureLinearization,
  solvesFinding,
} from '@ntk-lens/tensor-programs';
import type { RunConfig } from '../../options/run-config.js';
import { keepExamples } from '../examples-file.js';
import { inDirectory } from '../in-directory.js';
import {
  openSamples,
  type SessionOptions,
  type TaskRecord,
  taskOptions,
  taskRecord,
  withLens,
} from '../with-lens.js';

/** Optimizer steps of the demo's fine-tuning: few, so that it ends within seconds. */
const STEPS = 20;

export interface DemoOptions extends SessionOptions {
  /** Default: `runs/demo`. */
  readonly out?: string;
  /** Folder in which `runs/demo` is made; default: the working directory. */
  readonly runs?: string;
  /** Replace other work in that directory. */
  readonly force?: boolean;
}

/** One way to answer the task, with its score on the test examples. */
export interface DemoMethod {
  readonly name: 'majority' | 'zero-shot' | 'SGD kernel' | 'linearized' | 'fine-tuned';
  readonly test: number;
}

/** The result of `ntk-lens demo`; written to `demo.json`. */
export interface Demo {
  readonly format: 'ntk-lens-demo';
  readonly version: 1;
  readonly directory: string;
  readonly task: TaskRecord;
  readonly model: string;
  readonly examples: { readonly train: number; readonly test: number };
  readonly methods: readonly DemoMethod[];
  readonly steps: number;
  readonly learningRate: number;
  /** Findings on the conditions `solves` and `linearization`. */
  readonly findings: readonly Finding[];
  /** Wall-clock. */
  readonly seconds: number;
}

/**
 * Asks whether a short fine-tuning behaves like a kernel method on one k-shot sample: majority, zero-shot, kernel
 * regression, the model linearized at θ₀ and the fine-tuned model side by side, with two verdicts. `check` asks about
 * every condition.
 *
 * @example
 * ```ts
 * const { methods, findings } = await runDemo(defaultRunConfig, { out: 'runs/demo' });
 * ```
 * @throws NtkLensError of kind `input` for bad input; CancelledError
 */
export const runDemo = (config: RunConfig, options: DemoOptions = {}): Promise<Demo> => {
  const directory = resolve(options.out ?? join(options.runs ?? '', 'runs', 'demo'));
  return inDirectory(directory, {}, () => demoIn(directory, config, options));
};

const demoIn = async (directory: string, config: RunConfig, options: DemoOptions): Promise<Demo> => {
  const start = performance.now();
  const { signal, onProgress, force: replace = false } = options;
  const long = { signal, onProgress };
  const given = taskOptions(config);
  prepareTask(config.task, given);
  const prepare = (early: EarlyLens) => openSamples(early, config, given, options);
  return withLens(config, options, prepare, async (lens, [task]) => {
    const { spec, examples, labels, labelWordIds } = task!;
    const [metric] = spec.metrics;
    const kernel = await lens.kernel(task!, {
      formula: 'sgd',
      directory: join(directory, 'kernel'),
      replace,
      ...long,
    });
    await keepExamples(join(directory, 'kernel'), task!);
    const solved = await lens.solve(kernel, long);
    const training = {
      optimizer: 'sgd',
      steps: STEPS,
      evaluateEvery: STEPS / 4,
      directory: join(directory, 'finetune'),
      replace,
    } as const;
    const tuned = await lens.fineTune(task!, { ...training, ...long });
    const { learningRate, step } = tuned.grid[tuned.chosen]!;
    const { start: before, points } = await measureLinearization({
      ...{
        runtime: await lens.runtime.open(),
        space: tuned.space,
        examples: examples.test,
        labelWordIds,
        ...long,
      },
      points: [{ step, open: async () => tuned.model }],
      known: new Map([[step, tuned.logits]]),
    });
    const linearized = predictions(plus(before, points[0]!.derivative));
    const of = (scores: Scores): number => scores[metric] ?? Number.NaN;
    const scores = {
      majority: of(solved.majority.test),
      'zero-shot': of(solved.zeroShot!.test),
      'SGD kernel': of(solved.test),
      linearized: of(evaluate(spec, linearized, labels.test)),
      'fine-tuned': of(tuned.test),
    };
    const demo: Demo = {
      ...{ format: 'ntk-lens-demo', version: 1, directory, task: taskRecord(task!), model: lens.name },
      examples: { train: examples.train.length, test: examples.test.length },
      methods: Object.entries(scores).map(([name, test]) => ({ name: name as DemoMethod['name'], test })),
      ...{ steps: STEPS, learningRate },
      findings: [
        solvesFinding('SGD', metric, [{ kernel: scores['SGD kernel'], tuned: scores['fine-tuned'] }]),
        linearizationFinding('SGD', metric, [
          { zeroShot: scores['zero-shot'], linearized: scores.linearized, tuned: scores['fine-tuned'] },
        ]),
      ],
      seconds: (performance.now() - start) / 1000,
    };
    await writeJson(join(directory, 'demo.json'), demo);
    return demo;
  });
};

const plus = (x: NDArray<'float64'>, y: NDArray<'float64'>): NDArray<'float64'> =>
  ndarray<'float64'>(
    x.data.map((value, i) => value + y.data[i]!),
    x.shape,
  );
