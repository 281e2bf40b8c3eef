import { formulaOf } from '@ntk-lens/kernels/formulas';
import { durationText } from '@ntk-lens/report';
import type { Interval, Spectrum } from '@ntk-lens/solvers/matrix-free';
import type { CellResult, Experiment } from '../run/experiment.js';
import { cellKernelName } from '../run/method-name.js';
import { diagnosticsNotes } from './diagnostics-notes.js';
import { settingsText } from './formula-text.js';

/** The origin of the numbers: prompt, sizes, time, runtime and versions, warnings; one line each. */
export const experimentNotes = ({ task, config, cells, environment, seconds }: Experiment): string[] => {
  const [first] = cells;
  if (first === undefined) return [];
  const { runtime } = first;
  const total = (of: 'kernels' | 'solve'): string =>
    durationText(cells.reduce((sum, cell) => sum + cell.seconds[of], 0));
  const reused = cells.filter((cell) => cell.reused).length;
  const stored =
    reused === 0
      ? ''
      : reused === cells.length
        ? ' (stored before)'
        : ` (${reused} of ${cells.length} stored before)`;
  const words = task.labels.map((label, i) => `${label} → ${task.labelWords[i]}`).join(', ');
  const { train, dev, test } = first.examples;
  const sizes =
    config.shots.length > 1 ? `${test} test examples` : `${train} train, ${dev} dev, ${test} test examples`;
  const outputs = config.binary ? 'one output (binary)' : `${task.labels.length} logits`;
  const spread = config.seeds.length > 1 ? '; mean ± sd over seeds (ddof 0)' : '';
  const threads = `${runtime.threads} thread${runtime.threads === 1 ? '' : 's'}`;
  return [
    `prompt  ${task.template}  with ${words}${promptingText(config)}`,
    `${sizes}; ${outputs}${spread}`,
    ...formulaNotes(cells),
    ...matrixFreeNotes(cells),
    ...cells.flatMap((cell) => spectrumNote(kernelOf(cell, config), cell.matrixFree?.spectrum)),
    ...diagnosticsNotes(cells.map((cell) => [kernelOf(cell, config), cell.scores?.kernel.diagnostics])),
    `kernels ${total('kernels')}${stored}, solving ${total('solve')}, everything ${durationText(seconds)}`,
    `${runtime.runtime} ${runtime.dtype}, ${runtime.version}, ${threads}; ntk-lens ${environment['ntk-lens']}, Node ${environment['node']}`,
    // Without a native library a run takes many times as long.
    ...(config.runtime === 'auto' && runtime.runtime.startsWith('tfjs-')
      ? [`--runtime auto chose ${runtime.runtime}: ${runtime.reason}`]
      : []),
    ...[
      ...new Set(
        cells.flatMap((cell) => [
          ...(cell.scores?.kernel.warnings ?? []),
          ...(cell.runtime.probe?.warnings ?? []),
        ]),
      ),
    ].map((text) => `warning: ${text}`),
  ];
};

/** Settings of formulas that have any, a line each. */
const formulaNotes = (cells: readonly CellResult[]): string[] => [
  ...new Set(
    cells.flatMap(({ formula, settings }) =>
      settings ? [`formula ${formulaOf(formula).title} with ${settingsText(settings)}`] : [],
    ),
  ),
];

/** A line on kernels that were solved without being written out. */
const matrixFreeNotes = (cells: readonly CellResult[]): string[] => {
  const found = cells.flatMap(({ matrixFree }) => matrixFree ?? []);
  if (found.length === 0) return [];
  const iterations = found.map((one) => one.iterations);
  const [least, most] = [Math.min(...iterations), Math.max(...iterations)];
  const eigenvalues = found.map(({ largestEigenvalue }) => largestEigenvalue.toPrecision(3)).join(', ');
  return [
    `matrix-free: solved by products with the kernel, which was never written out, in ${least === most ? least : `${least} to ${most}`} iterations; largest eigenvalue ${eigenvalues}`,
  ];
};

/** The spectrum of a kernel that was never written out, estimates with their 95 % intervals. */
const spectrumNote = (kernel: string, spectrum: Spectrum | undefined): readonly string[] => {
  if (!spectrum) return [];
  const digits = (value: number): string => String(Number(value.toPrecision(3)));
  const text = ({ value, low, high }: Interval): string =>
    `${digits(value)} [${digits(low)}, ${digits(high)}]`;
  const { top, trace, effectiveRank } = spectrum;
  return [
    `${kernel}: largest eigenvalues ${top.map(digits).join(', ')}; trace ${text(trace)}, effective rank ${text(effectiveRank)}`,
  ];
};

const kernelOf = (cell: CellResult, config: Experiment['config']): string =>
  [
    cellKernelName(cell),
    cell.withoutPrompt ? 'no prompt' : '',
    config.shots.length > 1 ? `${cell.shots}-shot` : '',
  ]
    .filter(Boolean)
    .join(', ');

const promptingText = (config: Experiment['config']): string => {
  const { labelRule, demonstrations: demos, maxLength, firstSentenceLimit, otherSentenceLimit } = config;
  return [
    labelRule && labelRule !== 'single' ? `; label words by the rule ${labelRule}` : '',
    demos
      ? `; ${demos.perLabel} demonstration${demos.perLabel > 1 ? 's' : ''} per label, seed ${demos.seed}`
      : '',
    maxLength === undefined ? '' : `; at most ${maxLength} tokens`,
    firstSentenceLimit === undefined ? '' : `; first sentence at most ${firstSentenceLimit}`,
    otherSentenceLimit === undefined ? '' : `; other sentences at most ${otherSentenceLimit}`,
    config.truncateHead ? '; long prompts lose their beginning' : '',
  ].join('');
};
