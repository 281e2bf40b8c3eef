import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { EncodedExample } from '@ntk-lens/core';
import { createRuntime, measureMachineProfile, rateNames, secondsOfWork } from '@ntk-lens/engine';
import { computeKernels, explainKernels } from '@ntk-lens/kernels';
import { readMachineProfile } from '@ntk-lens/lens';
import { loadModel } from '@ntk-lens/models';
import { optionsOf } from './front/options-of.js';
import { type DrawnExample, drawInputs } from './kernels/draw-inputs.js';
import { printHeading } from './measure/heading.js';
import { verdict } from './measure/print.js';
import { scratchFolder, writeFigures } from './measure/resources.js';
import { shapes } from './shapes/shapes.js';
import { writeShards } from './shapes/write-shards.js';

/** The share of the found time by which a forecast may miss it. */
const TARGET = 0.2;

const options = optionsOf('forecast');

const folder = scratchFolder();
const { threads, memory, seed } = options;
const surroundings = await printHeading({ threads, runtime: 'ort-cpu' });
const runtime = await createRuntime({ runtime: 'ort-cpu', threads });
const lines: object[] = [];
try {
  const profile = options.profile
    ? await readMachineProfile(options.profile)
    : await measureMachineProfile(runtime);
  const { machine, rates } = profile;
  console.log(`rates of ${machine.instructions}, ${options.profile ?? 'measured now'}`);
  for (const name of rateNames) console.log(`  ${name.padEnd(16)} ${rates[name].toExponential(2)}`);

  const directory = options.model ?? join(folder, 'model');
  if (options.model === undefined)
    await writeShards(directory, {
      ...shapes['roberta-base'],
      ...(options.quick ? { num_hidden_layers: 2 } : {}),
    });
  const model = await loadModel(directory);
  const train = options.quick ? 4 : 32;
  const sizes = options.quick ? [8] : options.queries.map(Number);
  const encoded = (list: readonly DrawnExample[]): EncodedExample[] =>
    list.map(({ ids, position }) => ({ inputIds: [...ids], position }));
  console.log(
    '\nbinary      size        TFLOP   forecast: forward + factors + contraction + memory    found: forward + rest    forecast ÷ found',
  );
  let missed = 0;
  for (const queries of sizes) {
    const drawn = drawInputs(train, queries, [20, 60], seed);
    for (const formula of options.formulas) {
      const request = {
        ...{ model, formula, binary: true, labelWordIds: drawn.labelWordIds, rates },
        train: encoded(drawn.train),
        queries: { test: encoded(drawn.query) },
        memory: memory * 2 ** 30,
      };
      const { work, totalFlops } = explainKernels(request);
      const parts = [work.forward, work.factors, work.contraction, work.memory].map((part) =>
        secondsOfWork(part, rates),
      );
      const forecast = parts.reduce((sum, part) => sum + part, 0);
      const phases: Record<string, number> = {};
      const start = performance.now();
      let last = start;
      const onProgress = ({ phase }: { phase: string }) => {
        const now = performance.now();
        phases[phase] = (phases[phase] ?? 0) + (now - last) / 1000;
        last = now;
      };
      await computeKernels({ ...request, runtime, onProgress });
      // From weights in memory on.
      const found = (performance.now() - start) / 1000 - (phases['weights'] ?? 0);
      const forward = phases['forward'] ?? 0;
      const ratio = forecast / found;
      if (Math.abs(ratio - 1) > TARGET) missed++;
      lines.push({ formula, train, queries, forecast, found, ratio });
      console.log(
        `${formula.padEnd(11)} ${`${train} × ${queries}`.padEnd(9)} ${(totalFlops / 1e12).toFixed(2).padStart(7)}   ${forecast.toFixed(1).padStart(6)} s: ${parts.map((part) => part.toFixed(1)).join(' + ')}    ${found.toFixed(1).padStart(6)} s: ${forward.toFixed(1)} + ${(found - forward).toFixed(1)}    ${ratio.toFixed(2)}`,
      );
    }
  }
  await model.close();
  console.log(`\nwithin ${100 * TARGET} %: ${verdict(missed === 0)}${missed === 0 ? '' : `, by ${missed}`}`);
  writeFigures(options.json, { ...surroundings, profile, lines });
} finally {
  await runtime.close();
  rmSync(folder, { recursive: true, force: true });
}
