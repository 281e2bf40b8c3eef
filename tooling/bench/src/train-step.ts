/**
 * Time and peak memory of one fine-tuning step, against PyTorch (tooling/reference/peer_train_step.py) on the
 * same model, token ids and labels in the same run: all parameters, and LoRA on queries and values, with
 * Adam. Each measurement is a fresh process, turn by turn; figures are medians over the turns.
 *
 * pnpm --filter @ntk-lens/bench train-step --model DIR [--python python3] [--turns 3] [--threads 2]
 *
 * DIR is a RoBERTa-base directory, or random weights of that shape from
 * tooling/reference/make_roberta_base_random.py.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

interface Measured {
  readonly name: string;
  /** Median step. */
  readonly seconds: number;
  readonly peak_rss_mb: number;
  readonly losses: readonly number[];
}

interface Inputs {
  readonly train: readonly { readonly ids: readonly number[]; readonly position: number }[];
  readonly labelWordIds: readonly number[];
}

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    turns: { type: 'string', default: '3' },
    threads: { type: 'string', default: '2' },
    steps: { type: 'string', default: '5' },
    'warm-up': { type: 'string', default: '2' },
    lr: { type: 'string', default: '1e-5' },
    /** Measure one space in this process, on these inputs. */
    space: { type: 'string' },
    inputs: { type: 'string' },
  },
});

const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

/** Our side of a measurement. */
const measure = async (directory: string, space: string, inputsFile: string): Promise<Measured> => {
  const { createRuntime } = await import('@ntk-lens/engine');
  const { loadModel } = await import('@ntk-lens/models');
  const { createOptimizer, parseSpace, targetsOf, Trainer } = await import('@ntk-lens/subspace');
  const inputs = JSON.parse(readFileSync(inputsFile, 'utf8')) as Inputs;
  const examples = inputs.train.map(({ ids, position }) => ({ inputIds: ids, position }));
  const count = inputs.labelWordIds.length;
  const runtime = await createRuntime({ runtime: 'ort-cpu', threads: Number(options.threads) });
  const model = await parseSpace(space).apply(await loadModel(directory));
  const trainer = await Trainer.open({
    runtime,
    model,
    labelWordIds: inputs.labelWordIds,
    trainable: (name) => model.trainable.has(name),
    optimizer: createOptimizer({ name: 'adam' }),
    loss: 'cross-entropy',
    train: examples,
    evaluated: [],
  });
  const targets = targetsOf(
    examples.map((_, i) => i % count),
    count,
  );
  const seconds: number[] = [];
  const losses: number[] = [];
  for (let step = 1; step <= Number(options['warm-up']) + Number(options.steps); step++) {
    const start = performance.now();
    losses.push((await trainer.accumulate({ examples, targets }, examples.length)) / examples.length);
    await trainer.step(step, Number(options.lr), undefined);
    // The step is finished when what it leaves can be read.
    await trainer.store.download(trainer.plan.variables.at(-1)!);
    seconds.push((performance.now() - start) / 1000);
  }
  trainer.release();
  await runtime.close();
  await model.close();
  return {
    name: `train-step-${space}`,
    seconds: median(seconds.slice(Number(options['warm-up']))),
    peak_rss_mb: process.resourceUsage().maxRSS / 1024,
    losses,
  };
};

const lastLine = (output: string): Measured => JSON.parse(output.trim().split('\n').at(-1)!) as Measured;

const compare = (model: string): void => {
  const folder = mkdtempSync(join(tmpdir(), 'ntk-lens-bench-'));
  const inputs = join(folder, 'inputs.json');
  const peer = fileURLToPath(new URL('../../reference/peer_train_step.py', import.meta.url));
  const common = ['--model', model, '--threads', options.threads, '--steps', options.steps];
  const python = (space: string, file: string[]): Measured =>
    lastLine(
      execFileSync(
        options.python,
        [peer, ...common, '--warm-up', options['warm-up'], '--lr', options.lr, '--space', space, ...file],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
      ),
    );
  const ours = (space: string): Measured =>
    lastLine(
      execFileSync(
        process.execPath,
        [
          ...process.execArgv,
          fileURLToPath(import.meta.url),
          ...common,
          '--warm-up',
          options['warm-up'],
          '--lr',
          options.lr,
          '--space',
          space,
          '--inputs',
          inputs,
        ],
        { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
      ),
    );
  const results = { torchFull: [], oursFull: [], torchLora: [], oursLora: [] } as Record<string, Measured[]>;
  try {
    for (let turn = 0; turn < Number(options.turns); turn++) {
      results['torchFull']!.push(
        python('full', turn === 0 ? ['--save-inputs', inputs] : ['--inputs', inputs]),
      );
      results['oursFull']!.push(ours('full'));
      results['torchLora']!.push(python('lora', ['--inputs', inputs]));
      results['oursLora']!.push(ours('lora:r=8,alpha=16'));
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  const figure = (name: string) => ({
    seconds: median(results[name]!.map(({ seconds }) => seconds)),
    memory: median(results[name]!.map(({ peak_rss_mb }) => peak_rss_mb)),
  });
  const [torchFull, oursFull, torchLora, oursLora] = ['torchFull', 'oursFull', 'torchLora', 'oursLora'].map(
    figure,
  );
  const line = (what: string, ratio: number, wanted: string) =>
    console.log(`${what.padEnd(44)} ${ratio.toFixed(2).padStart(6)}   wanted ${wanted}`);
  for (const name of Object.keys(results)) {
    const { seconds, memory } = figure(name);
    console.log(`${name.padEnd(12)} ${seconds.toFixed(3)} s a step, peak ${memory.toFixed(0)} MB`);
  }
  line('full step, time / PyTorch', oursFull!.seconds / torchFull!.seconds, '≤ 1.3');
  line('full step, peak memory / PyTorch', oursFull!.memory / torchFull!.memory, '≤ 1.2');
  line('LoRA step, time / our full step', oursLora!.seconds / oursFull!.seconds, '≤ 0.75');
  line('LoRA step, time / PyTorch', oursLora!.seconds / torchLora!.seconds, '(shown)');
  for (const [a, b] of [
    ['oursFull', 'torchFull'],
    ['oursLora', 'torchLora'],
  ] as const) {
    const apart = results[a]![0]!.losses.map((x, i) => Math.abs(x / results[b]![0]!.losses[i]! - 1));
    console.log(
      `largest relative difference of losses, ${a} against ${b}: ${Math.max(...apart).toExponential(1)}`,
    );
  }
};

if (options.model === undefined) throw new Error('--model DIR is needed.');
if (options.space !== undefined && options.inputs !== undefined)
  console.log(JSON.stringify(await measure(options.model, options.space, options.inputs)));
else compare(options.model);
