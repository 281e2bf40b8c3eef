import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benches } from './front/benches.js';
import { optionsOf } from './front/options-of.js';
import { BenchRuns, type OurRun, type PeerRun, relativeError } from './kernels/bench-runs.js';
import { type DrawnInputs, drawInputs } from './kernels/draw-inputs.js';
import { byTurns, middle } from './measure/by-turns.js';
import { printHeading } from './measure/heading.js';
import { inGigabytes, verdict } from './measure/print.js';
import { scratchFolder, writeFigures } from './measure/resources.js';
import { requirePackages } from './peers/python.js';
import { shapes } from './shapes/shapes.js';
import { writeShards } from './shapes/write-shards.js';

const options = optionsOf('pythia');
const peers = requirePackages(options.python, benches.pythia.needs);
const [n, m] = options.quick ? [4, 8] : [32, 64];
const tokens = [20, 60] as const;
const { seed } = options;
const inputs: Readonly<Record<string, DrawnInputs>> = {
  'pythia-160m': drawInputs(n, m, tokens, seed, { words: 50277, labelWordIds: [6587, 372] }),
  'roberta-base': drawInputs(n, m, tokens, seed),
};

interface Turn {
  readonly peer: PeerRun;
  readonly own: OurRun;
}
const ratio = ({ peer, own }: Turn): number => peer.seconds / own.seconds;
const memory = ({ peer, own }: Turn): number => own.peak_rss_mb / peer.peak_rss_mb;

const folder = scratchFolder();
const surroundings = await printHeading({ threads: options.threads, runtime: options.runtime, peers });
console.log(`SGD, ${n} × ${m}, 20–60 tokens, two label words\n`);
const sidesOf = async (name: string) => {
  const model = join(folder, name);
  await writeShards(model, shapes[name]!);
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify(inputs[name]));
  const runs = new BenchRuns({ ...options, model, folder: model });
  return {
    peer: (turn: number) => runs.peer('peer_torch_hooks.py', file, 'sgd', n, m, { turn }),
    own: (turn: number) => runs.ours(file, 'sgd', n, m, { turn }),
  };
};
const sides = { pythia: await sidesOf('pythia-160m'), roberta: await sidesOf('roberta-base') };
// Both models in every turn: the machine is the same for them.
const turns = await byTurns<{ pythiaPeer: PeerRun; pythia: OurRun; robertaPeer: PeerRun; roberta: OurRun }>(
  {
    pythiaPeer: sides.pythia.peer,
    pythia: sides.pythia.own,
    robertaPeer: sides.roberta.peer,
    roberta: sides.roberta.own,
  },
  options,
);
const pythia = middle<Turn>(
  turns.map((turn) => ({ peer: turn.pythiaPeer, own: turn.pythia })),
  ratio,
);
const roberta = middle<Turn>(
  turns.map((turn) => ({ peer: turn.robertaPeer, own: turn.roberta })),
  ratio,
);
const medians = { 'pythia-160m': pythia, 'roberta-base': roberta };
for (const [name, median] of Object.entries(medians)) {
  const { peer, own } = median;
  console.log(
    `${name.padEnd(14)} its time ÷ ours ${ratio(median).toFixed(2)} (${peer.seconds.toFixed(1)} s and ${own.seconds.toFixed(1)} s), our memory ÷ its ${memory(median).toFixed(2)} (${inGigabytes(own.peak_rss_mb)} and ${inGigabytes(peer.peak_rss_mb)}); kernels differ by ${relativeError(own.saved, peer.saved).toExponential(1)}`,
  );
}
console.log(
  `\nPythia's ratio ≥ RoBERTa's: ${verdict(ratio(pythia) >= ratio(roberta))}; memory ≤ 0.5: ${verdict(memory(pythia) <= 0.5)}`,
);
writeFigures(options.json, { ...surroundings, ...medians });
