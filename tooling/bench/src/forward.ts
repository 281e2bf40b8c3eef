/**
 * Time of a forward pass of 32 sequences of 64 tokens to the label words' logits at the mask. The peer is
 * PyTorch (tooling/reference/peer_forward.py) on the same model and token ids in the same run, with weights
 * already in memory on both sides. Each measurement is a fresh process, turn by turn; figures are medians
 * over the turns.
 *
 * pnpm --filter @ntk-lens/bench forward [--model DIR] [--python python3] [--turns 5] [--repeats 7] [--threads
 * 2]
 *
 * DIR: a RoBERTa-base directory; without one, random weights of that shape are made by
 * tooling/reference/make_roberta_base_random.py and removed afterwards.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { decodeNpy, encodeNpy, type NDArray, zeros } from '@ntk-lens/core';

const { values: options } = parseArgs({
  options: {
    model: { type: 'string' },
    python: { type: 'string', default: 'python3' },
    turns: { type: 'string', default: '5' },
    repeats: { type: 'string', default: '7' },
    threads: { type: 'string', default: '2' },
    /** Measure our side in this process, on these inputs, and write the logits there. */
    inputs: { type: 'string' },
    save: { type: 'string' },
  },
});

interface Inputs {
  readonly train: readonly { readonly ids: readonly number[]; readonly position: number }[];
  readonly labelWordIds: readonly number[];
}

interface Measured {
  readonly seconds: number;
}

const median = (list: readonly number[]): number =>
  list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]!;

/** The work of `forwardLogits` between uploading the weights and returning. */
const measure = async (directory: string, inputsFile: string, save: string): Promise<Measured> => {
  const { createRuntime } = await import('@ntk-lens/engine');
  const { ChainBatch, collate, loadModel, makeBatches, StageChain, uploadSide, uploadStageWeights } =
    await import('@ntk-lens/models');
  const { train, labelWordIds } = JSON.parse(readFileSync(inputsFile, 'utf8')) as Inputs;
  const examples = train.map(({ ids, position }) => ({ inputIds: ids, position }));
  const runtime = await createRuntime({ runtime: 'ort-cpu', threads: Number(options.threads) });
  const model = await loadModel(directory);
  const stages = model.stages(labelWordIds);
  const weights = await uploadStageWeights(runtime, model, stages);
  const chain = new StageChain({ runtime, stages, weightsOf: (stage) => weights.of(stage) });
  const lengths = examples.map(({ inputIds }) => inputIds.length);
  const count = labelWordIds.length;

  const pass = async (): Promise<NDArray<'float64'>> => {
    const logits = zeros('float64', [examples.length, count]);
    for (const batch of makeBatches(lengths, 32, model.config.maxTokens)) {
      const running = new ChainBatch(await uploadSide(runtime, collate(examples, batch, model.config)));
      const y = await chain.forward(running);
      const { data } = await runtime.download(y);
      for (const [row, index] of batch.indices.entries()) {
        for (let c = 0; c < count; c++) logits.data[index * count + c] = data[row * count + c]!;
      }
      runtime.release([y, ...running.tensors()]);
    }
    return logits;
  };

  writeFileSync(save, encodeNpy(await pass()));
  const seconds: number[] = [];
  for (let i = 0; i < Number(options.repeats); i++) {
    const start = performance.now();
    await pass();
    seconds.push((performance.now() - start) / 1000);
  }
  weights.release();
  await runtime.close();
  await model.close();
  return { seconds: median(seconds) };
};

const output = (program: string, argv: readonly string[]): Measured => {
  const text = execFileSync(program, argv, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  return JSON.parse(text.trim().split('\n').at(-1)!) as Measured;
};

const reference = (name: string): string =>
  fileURLToPath(new URL(`../../reference/${name}`, import.meta.url));

const compare = (): void => {
  const folder = mkdtempSync(join(tmpdir(), 'ntk-lens-bench-'));
  try {
    const model = options.model ?? join(folder, 'model');
    if (options.model === undefined) {
      execFileSync(options.python, [reference('make_roberta_base_random.py'), model], { stdio: 'ignore' });
    }
    const file = (name: string): string => join(folder, name);
    const same = ['--model', model, '--threads', options.threads, '--repeats', options.repeats];
    const torch: number[] = [];
    const ours: number[] = [];
    for (let turn = 0; turn < Number(options.turns); turn++) {
      const inputs = turn === 0 ? '--save-inputs' : '--inputs';
      const peer = [reference('peer_forward.py'), ...same, '--head', 'label-words'];
      torch.push(
        output(options.python, [...peer, inputs, file('inputs.json'), '--save', file('torch.npy')]).seconds,
      );
      const own = [...process.execArgv, fileURLToPath(import.meta.url), ...same];
      ours.push(
        output(process.execPath, [...own, '--inputs', file('inputs.json'), '--save', file('ours.npy')])
          .seconds,
      );
    }
    const [a, b] = ['torch.npy', 'ours.npy'].map((name) => decodeNpy(readFileSync(file(name))).data);
    let [apart, largest] = [0, 0];
    for (let i = 0; i < a!.length; i++) {
      apart = Math.max(apart, Math.abs(a![i]! - b![i]!));
      largest = Math.max(largest, Math.abs(a![i]!));
    }
    console.log(`32 × 64 tokens, ${options.threads} threads, ${options.turns} turns of ${options.repeats}`);
    for (const [name, seconds] of [
      ['PyTorch', torch],
      ['ours', ours],
    ] as const) {
      const each = seconds.map((s) => s.toFixed(3)).join(', ');
      console.log(`${name.padEnd(8)} ${median(seconds).toFixed(3)} s a pass (${each})`);
    }
    const ratio = median(ours) / median(torch);
    const turns = torch.map((s, i) => (ours[i]! / s).toFixed(2)).join(', ');
    console.log(`ours ÷ PyTorch ${ratio.toFixed(2)}, wanted ≤ 1.15 (turn by turn ${turns})`);
    console.log(
      `largest difference of logits ${apart.toExponential(1)}, largest logit ${largest.toFixed(2)}`,
    );
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

if (options.model !== undefined && options.inputs !== undefined && options.save !== undefined)
  console.log(JSON.stringify(await measure(options.model, options.inputs, options.save)));
else compare();
