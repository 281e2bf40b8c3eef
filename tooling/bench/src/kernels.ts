import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benches } from './front/benches.js';
import { optionsOf } from './front/options-of.js';
import { BenchRuns } from './kernels/bench-runs.js';
import { drawInputs } from './kernels/draw-inputs.js';
import type { Figure } from './kernels/figure.js';
import { sections } from './kernels/sections.js';
import { fullSizes, mostOf, quickSizes } from './kernels/sizes.js';
import { printHeading } from './measure/heading.js';
import { printRow, verdict } from './measure/print.js';
import { scratchFolder, writeFigures } from './measure/resources.js';
import { modelOrRandom, requirePackages } from './peers/python.js';

const options = optionsOf('kernels');
const { python, threads, quick } = options;

const needs = [...benches.kernels.needs, ...(options.sections.includes('bergson') ? ['bergson'] : [])];
const peers = requirePackages(python, needs);
const surroundings = await printHeading({ threads, runtime: options.runtime, peers });
console.log(
  quick
    ? 'QUICK: a tiny model and small sizes; only a check that everything runs\n'
    : 'RoBERTa-base shape, random weights, 20–60 tokens\n',
);

const folder = scratchFolder();
const sizes = quick ? quickSizes : fullSizes;
const write = (name: string, tokens: readonly [number, number]): string => {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(drawInputs(...mostOf(sizes), tokens, options.seed)));
  return file;
};
const inputs = { short: write('short', [20, 60]), long: write('long', [40, 120]) };
const model = await modelOrRandom(python, options.model, folder, quick ? 'tiny' : 'base');
const runs = new BenchRuns({ ...options, model, folder });

const figures: Figure[] = [];
const widths = [8, 87, 16, 8, 8, 8];
printRow(widths, ['section', 'figure', 'N × M', 'found', 'target', '']);
for (const name of options.sections) {
  for await (const figure of sections[name](runs, sizes, inputs)) {
    figures.push(figure);
    const { section, what, size, found, target = '', met, details } = figure;
    printRow(widths, [section, what, size, found, target, met === undefined || quick ? '' : verdict(met)]);
    console.log(`          ${details}`);
  }
}
writeFigures(options.json, { ...surroundings, quick, memory: options.memory, seed: options.seed, figures });
