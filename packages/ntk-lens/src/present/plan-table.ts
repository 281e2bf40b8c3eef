import type { SitePlan } from '@ntk-lens/kernels';
import { durationText, type Table } from '@ntk-lens/report';
import type { ExplainedCell, ExplainedExperiment } from '../run/explain-experiment.js';
import { kernelName } from '../run/method-name.js';
import { sizeText as size, workIn, workText, workUnit } from './work-text.js';

/** Sites that differ in nothing but their layer. */
interface SiteGroup extends SitePlan {
  readonly stages: readonly string[];
}

/**
 * Equal layers as one: same shape, tokens and ways, and the same parameter except for the layer's number.
 */
export const groupSites = (sites: readonly SitePlan[]): SiteGroup[] => {
  const groups = new Map<string, { first: SitePlan; stages: string[]; flops: number }>();
  for (const site of sites) {
    const { inSize, outSize, tokens, methods } = site;
    const parameter = withoutLayer(site);
    const key = JSON.stringify([parameter, inSize, outSize, tokens, methods]);
    const group = groups.get(key) ?? { first: { ...site, parameter }, stages: [], flops: 0 };
    groups.set(key, group);
    group.stages.push(site.stage);
    group.flops += site.flops;
  }
  return [...groups.values()].map(({ first, stages, flops }) => ({ ...first, stages, flops }));
};

const numberOf = (stage: string): string | undefined => /\d+$/.exec(stage)?.[0];

const withoutLayer = ({ stage, parameter }: SitePlan): string => {
  const number = numberOf(stage);
  return number === undefined ? parameter : parameter.replace(`.${number}.`, '.*.');
};

/** `layer.0–10`, or names one by one where numbers are missing. */
export const stageRange = (stages: readonly string[]): string => {
  const names = [...new Set(stages)];
  const numbers = names.map(numberOf).map(Number);
  const stem = names[0]!.replace(/\d+$/, '');
  const least = Math.min(...numbers);
  const most = Math.max(...numbers);
  const whole = names.length > 1 && most - least === names.length - 1;
  return whole && names.every((name) => name.startsWith(stem)) ? `${stem}${least}–${most}` : names.join(', ');
};

/** The plan of one sample and formula: a line per group of equal sites, below it the sums. */
export const planTable = (explained: ExplainedExperiment, cell: ExplainedCell): Table => {
  const { plan, formula, shots, seed } = cell;
  const { examples, tiles, sweeps, forward, factors } = plan;
  const linear = plan.sites.reduce((sum, { flops }) => sum + flops, 0);
  const contraction = linear + plan.otherContractionFlops;
  const { memory } = explained;
  const unit = workUnit(contraction);
  const peak = plan.peakBytes + plan.kept.bytes;
  const fits = peak <= memory ? 'within' : 'ABOVE';
  return {
    title: `${explained.task} · ${explained.model} · ${kernelName(formula)}${cell.space ? `, ${cell.space}` : ''}, ${shots}-shot, seed ${seed}`,
    columns: [
      { header: 'stage' },
      { header: 'parameter', align: 'left' },
      { header: 'in × out', align: 'right' },
      { header: 'tokens', align: 'left' },
      { header: 'contracted by', align: 'left' },
      { header: unit[1], align: 'right' },
    ],
    rows: [
      ...groupSites(plan.sites).map((group) => ({
        cells: [
          stageRange(group.stages),
          group.parameter,
          `${group.inSize} × ${group.outSize}`,
          group.tokens === 'all' ? 'all' : 'the predicted one',
          group.methods.join(', '),
          workIn(group.flops, unit),
        ],
      })),
      {
        cells: [
          'all',
          'biases, LayerNorms, embeddings',
          '–',
          '–',
          'vectors, matching ids',
          workIn(plan.otherContractionFlops, unit),
        ],
      },
    ],
    notes: [
      `${examples.train} training examples and ${examples.queries} queries have ${examples.tokens} tokens; with padding and repeated examples, ${examples.padded} are computed`,
      `${tiles.length === 1 ? '1 tile' : `${tiles.length} tiles`}: ${tilesText(tiles)}${sweeps < tiles.length ? `; tiles of the same rows run together, in ${sweeps === 1 ? 'one sweep' : `${sweeps} sweeps`}` : ''}`,
      `forward ${workText(forward.flops)}, factors ${workText(factors.flops)}, contraction ${workText(contraction)}: ${workText(plan.totalFlops)} in all`,
      `forward passes and factors move ${size(forward.bytes + factors.bytes)}; the weights have ${size(plan.weights.allBytes)}`,
      ...keptNotes(plan),
      ...streamingNotes(plan),
      `the peak memory is about ${size(peak)}, ${fits} the budget of ${size(memory)} (--memory)`,
      ...forecastNotes(explained, cell),
    ],
  };
};

/** The values that are kept for the backward pass, and the work that is done again. */
export const keptNotes = ({ kept }: Pick<ExplainedCell['plan'], 'kept'>): string[] => {
  const { sites, bytes, rowBytes, savedFlops, againFlops, tileFlops, formedFlops } = kept;
  const names =
    sites.length > 4 ? `${sites.slice(0, 3).join(', ')} and ${sites.length - 3} more` : sites.join(', ');
  const parts = [
    [againFlops, 'of the forward pass'],
    [tileFlops, 'for examples of several sweeps'],
    [formedFlops, 'for their gradients'],
  ] as const;
  const again = parts.flatMap(([flops, what]) => (flops === 0 ? [] : [`${workText(flops)} ${what}`]));
  return [
    sites.length > 0
      ? `kept for the backward pass: outputs of ${names}, ${size(bytes)}, which saves ${workText(savedFlops)}`
      : 'nothing is kept for the backward pass',
    ...(rowBytes > 0 ? [`kept for all tiles: factors of the training examples, ${size(rowBytes)}`] : []),
    again.length === 0 ? 'nothing is computed again' : `computed again: ${again.join(', ')}`,
  ];
};

/** The forecast by parts of the work, and where its rates are from. */
const forecastNotes = (
  { runtime, profile, rates }: ExplainedExperiment,
  { predictedSeconds, predictedParts: parts }: ExplainedCell,
): string[] => {
  const { threads } = runtime;
  const measured = profile.source === 'measured';
  return [
    `about ${durationText(predictedSeconds)} on ${runtime.runtime}, ${threads} thread${threads === 1 ? '' : 's'}: forward ${durationText(parts.forward)}, factors ${durationText(parts.factors)}, contraction ${durationText(parts.contraction)}, new memory ${durationText(parts.memory)}; the time to load weights is not included`,
    measured
      ? `by the profile of this machine: products at ${(rates.products / 1e9).toFixed(0)} GFLOP/s, passes at ${(rates.passes / 1e9).toFixed(1)} GB/s`
      : `products at ${(rates.products / 1e9).toFixed(0)} GFLOP/s, measured just now; other rates are from a table (${profile.source}), and ntk-lens doctor --measure measures them`,
  ];
};

/** Whether weights are streamed, how many are in memory, and what is read; nothing where they are resident. */
export const streamingNotes = ({
  weights,
  sweeps,
}: Pick<ExplainedCell['plan'], 'weights' | 'sweeps'>): string[] =>
  weights.streamed
    ? [
        `the weights leave too little of the budget, so they are streamed: one stage of them at a time on the way back, ${size(weights.backwardBytes)}, and two on the way forward, ${size(weights.residentBytes)}`,
        `each stage is read ${weights.reads} times, forward and backward for ${sweeps === 1 ? 'all tiles at once' : `each of ${sweeps} sweeps`}; a pass over all reads ${size(weights.readBytes)} of the files`,
      ]
    : [];

const tilesText = (tiles: ExplainedCell['plan']['tiles']): string => {
  const shapes = tiles.map(({ rows, columns, self }) => `${rows} × ${columns}${self ? ' + self' : ''}`);
  return shapes.length > 4 ? `${shapes.slice(0, 3).join(', ')}, …` : shapes.join(', ');
};
