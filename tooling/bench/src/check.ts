import { checkExperiment, resolveCheck } from 'ntk-lens';
import { optionsOf } from './front/options-of.js';
import { printHeading } from './measure/heading.js';
import { scratchFolder, writeFigures } from './measure/resources.js';

const options = optionsOf('check');
const out = options.out ?? scratchFolder();
const config = await resolveCheck(
  { task: 'sentiment', seeds: [42], threads: options.threads },
  { optimizers: ['sgd', 'adam'] },
);
const surroundings = await printHeading({ threads: options.threads, runtime: 'auto' });
const found = [];
for (const [name, limit] of [
  ['from nothing', 360],
  ['again', 30],
] as const) {
  const spent = new Map<string, number>();
  let last = performance.now();
  const { seconds, findings } = await checkExperiment(config, {
    out,
    onProgress: ({ phase }) => {
      const now = performance.now();
      spent.set(phase, (spent.get(phase) ?? 0) + (now - last) / 1000);
      last = now;
    },
  });
  console.log(`${name}: ${seconds.toFixed(1)} s (limit ${limit} s), ${findings.length} verdicts`);
  for (const [phase, own] of spent) if (own >= 1) console.log(`  ${own.toFixed(1).padStart(6)} s ${phase}`);
  found.push({ name, seconds, phases: Object.fromEntries(spent) });
}
writeFigures(options.json, { ...surroundings, found });
