import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { decodeNpy, encodeNpy, type NDArray, zeros } from '@ntk-lens/core';
import { median } from '@ntk-lens/tensor-programs';
import { benches } from './front/benches.js';
import { optionsOf } from './front/options-of.js';
import { byTurns, medianOf } from './measure/by-turns.js';
import { printHeading } from './measure/heading.js';
import { verdict } from './measure/print.js';
import { runApart } from './measure/processes.js';
import { scratchFolder, writeFigures } from './measure/resources.js';
import { modelOrRandom, requirePackages, runPeer } from './peers/python.js';

const options = optionsOf('forward');
const { threads, runtime: runtimeName, python, repeats, turns } = options;

interface Inputs {
  readonly train: readonly { readonly ids: readonly number[]; readonly position: number }[];
  readonly labelWordIds: readonly number[];
}

interface Measured {
  readonly seconds: number;
}

/** The work of `forwardLogits` between uploading the weights and returning. */
const measure = async (directory: string, inputsFile: string, save: string): Promise<Measured> => {
  const { createRuntime } = await import('@ntk-lens/engine');
  const { ChainBatch, collate, loadModel, makeBatches, StageChain, uploadSide, uploadStageWeights } =
    await import('@ntk-lens/models');
  const { train, labelWordIds } = JSON.parse(readFileSync(inputsFile, 'utf8')) as Inputs;
  const examples = train.map(({ ids, position }) => ({ inputIds: ids, position }));
  const runtime = await createRuntime({ runtime: runtimeName, threads });
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
  for (let i = 0; i < repeats; i++) {
    const start = performance.now();
    await pass();
    seconds.push((performance.now() - start) / 1000);
  }
  weights.release();
  await runtime.close();
  await model.close();
  return { seconds: median(seconds) };
};

/** Most wanted of our time ÷ PyTorch's. */
const MOST = 1;

const compare = async (): Promise<void> => {
  const peers = requirePackages(python, benches.forward.needs);
  const surroundings = await printHeading({ threads, runtime: runtimeName, peers });
  const folder = scratchFolder();
  const model = await modelOrRandom(python, options.model, folder);
  const [inputs, torchLogits, ourLogits] = ['inputs.json', 'torch.npy', 'ours.npy'].map((name) =>
    join(folder, name),
  ) as [string, string, string];
  const common = { model, threads, repeats };
  const peer = (more: Readonly<Record<string, unknown>>) =>
    runPeer<Measured>(python, 'peer_forward.py', { ...common, head: 'label-words', ...more });
  // Its first run draws the inputs of both.
  await peer({ repeats: 1, 'save-inputs': inputs });
  const measured = await byTurns<{ torch: Measured; ours: Measured }>(
    {
      torch: () => peer({ inputs, save: torchLogits }),
      ours: () => runApart('forward', { ...common, runtime: runtimeName, inputs, save: ourLogits }),
    },
    { turns },
  );
  const [a, b] = [torchLogits, ourLogits].map((file) => decodeNpy(readFileSync(file)).data);
  let [apart, largest] = [0, 0];
  for (let i = 0; i < a!.length; i++) {
    apart = Math.max(apart, Math.abs(a![i]! - b![i]!));
    largest = Math.max(largest, Math.abs(a![i]!));
  }
  console.log(`32 × 64 tokens, ${turns} turns of ${repeats}`);
  for (const [name, side] of [
    ['PyTorch', 'torch'],
    ['ours', 'ours'],
  ] as const) {
    const each = measured.map((turn) => turn[side].seconds.toFixed(3)).join(', ');
    const middle = medianOf(measured, (turn) => turn[side].seconds);
    console.log(`${name.padEnd(8)} ${middle.toFixed(3)} s a pass (${each})`);
  }
  const ratioOf = ({ torch, ours }: (typeof measured)[number]) => ours.seconds / torch.seconds;
  const ratio = medianOf(measured, ratioOf);
  const each = measured.map((turn) => ratioOf(turn).toFixed(2)).join(', ');
  console.log(`ours ÷ PyTorch ${ratio.toFixed(2)} (${each}), wanted ≤ ${MOST}: ${verdict(ratio <= MOST)}`);
  console.log(`largest difference of logits ${apart.toExponential(1)}, largest logit ${largest.toFixed(2)}`);
  writeFigures(options.json, { ...surroundings, turns: measured, ratio, apart });
};

if (options.model !== undefined && options.inputs !== undefined && options.save !== undefined)
  console.log(JSON.stringify(await measure(options.model, options.inputs, options.save)));
else await compare();
