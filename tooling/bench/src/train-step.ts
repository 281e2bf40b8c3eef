import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { median } from '@ntk-lens/tensor-programs';
import { benches } from './front/benches.js';
import { optionsOf } from './front/options-of.js';
import { byTurns, medianOf } from './measure/by-turns.js';
import { printHeading } from './measure/heading.js';
import { verdict } from './measure/print.js';
import { runApart } from './measure/processes.js';
import { peakMebibytes, scratchFolder, writeFigures } from './measure/resources.js';
import { modelOrRandom, requirePackages, runPeer } from './peers/python.js';

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

const options = optionsOf('train-step');
const { threads, runtime: runtimeName, python, steps, lr, turns, 'warm-up': warmUp } = options;

/** Our side of a measurement. */
const measure = async (directory: string, space: string, inputsFile: string): Promise<Measured> => {
  const { createRuntime } = await import('@ntk-lens/engine');
  const { loadModel } = await import('@ntk-lens/models');
  const { createOptimizer, parseSpace, targetsOf, Trainer } = await import('@ntk-lens/subspace');
  const inputs = JSON.parse(readFileSync(inputsFile, 'utf8')) as Inputs;
  const examples = inputs.train.map(({ ids, position }) => ({ inputIds: ids, position }));
  const count = inputs.labelWordIds.length;
  const runtime = await createRuntime({ runtime: runtimeName, threads });
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
  for (let step = 1; step <= warmUp + steps; step++) {
    const start = performance.now();
    losses.push((await trainer.accumulate({ examples, targets }, examples.length)) / examples.length);
    await trainer.step(step, lr, undefined);
    // The step is finished when what it leaves can be read.
    await trainer.store.download(trainer.plan.variables.at(-1)!);
    seconds.push((performance.now() - start) / 1000);
  }
  trainer.release();
  await runtime.close();
  await model.close();
  return {
    name: `train-step-${space}`,
    seconds: median(seconds.slice(warmUp)),
    peak_rss_mb: peakMebibytes(),
    losses,
  };
};

/** Both sides in both spaces. */
interface Turn {
  readonly torchFull: Measured;
  readonly oursFull: Measured;
  readonly torchLora: Measured;
  readonly oursLora: Measured;
}

const compare = async (): Promise<void> => {
  const peers = requirePackages(python, benches['train-step'].needs);
  const surroundings = await printHeading({ threads, runtime: runtimeName, peers });
  const folder = scratchFolder();
  const model = await modelOrRandom(python, options.model, folder);
  const inputs = join(folder, 'inputs.json');
  const common = { model, threads, steps, 'warm-up': warmUp, lr };
  const peer = (space: string, more: Readonly<Record<string, unknown>> = { inputs }): Promise<Measured> =>
    runPeer(python, 'peer_train_step.py', { ...common, space, ...more });
  const ours = (space: string): Promise<Measured> =>
    runApart('train-step', { ...common, runtime: runtimeName, space, inputs });
  // Its first run draws the inputs of both.
  await peer('full', { steps: 1, 'warm-up': 0, 'save-inputs': inputs });
  const measured = await byTurns<Turn>(
    {
      torchFull: () => peer('full'),
      oursFull: () => ours('full'),
      torchLora: () => peer('lora'),
      oursLora: () => ours('lora:r=8,alpha=16'),
    },
    { turns },
  );
  for (const name of ['torchFull', 'oursFull', 'torchLora', 'oursLora'] as const) {
    const seconds = medianOf(measured, (turn) => turn[name].seconds).toFixed(3);
    const memory = medianOf(measured, (turn) => turn[name].peak_rss_mb).toFixed(0);
    console.log(`${name.padEnd(12)} ${seconds} s a step, peak ${memory} MB`);
  }
  const found: Record<string, number> = {};
  const line = (what: string, of: (turn: Turn) => number, most?: number): void => {
    const ratio = medianOf(measured, of);
    found[what] = ratio;
    const wanted = most === undefined ? '' : `   wanted ≤ ${most}: ${verdict(ratio <= most)}`;
    console.log(`${what.padEnd(44)} ${ratio.toFixed(2).padStart(6)}${wanted}`);
  };
  line('full step, time / PyTorch', ({ oursFull, torchFull }) => oursFull.seconds / torchFull.seconds, 1.1);
  line(
    'full step, peak memory / PyTorch',
    ({ oursFull, torchFull }) => oursFull.peak_rss_mb / torchFull.peak_rss_mb,
    1.2,
  );
  line(
    'LoRA step, time / our full step',
    ({ oursLora, oursFull }) => oursLora.seconds / oursFull.seconds,
    0.75,
  );
  line('LoRA step, time / PyTorch', ({ oursLora, torchLora }) => oursLora.seconds / torchLora.seconds, 1);
  line(
    'LoRA step, peak memory / PyTorch',
    ({ oursLora, torchLora }) => oursLora.peak_rss_mb / torchLora.peak_rss_mb,
  );
  for (const [a, b] of [
    ['oursFull', 'torchFull'],
    ['oursLora', 'torchLora'],
  ] as const) {
    const [own, other] = [measured[0]![a].losses, measured[0]![b].losses];
    const apart = Math.max(...own.map((x, i) => Math.abs(x / other[i]! - 1)));
    console.log(`largest relative difference of losses, ${a} against ${b}: ${apart.toExponential(1)}`);
  }
  writeFigures(options.json, { ...surroundings, turns: measured, found });
};

if (options.model !== undefined && options.space !== undefined && options.inputs !== undefined)
  console.log(JSON.stringify(await measure(options.model, options.space, options.inputs)));
else await compare();
