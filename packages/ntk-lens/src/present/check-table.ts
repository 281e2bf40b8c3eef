import { type Cell, durationText, type Row, type Table } from '@ntk-lens/report';
import type { Finding } from '@ntk-lens/tensor-programs';
import type { CheckedExperiment } from '../run/check/check-experiment.js';

/** A statistic with three digits. */
export const statisticText = (value: number): string => {
  const size = Math.abs(value);
  if (value === 0) return '0';
  return size >= 1000 || size < 0.001 ? value.toExponential(1) : String(Number(value.toPrecision(3)));
};

const intervalText = (interval: Finding['interval']): Cell =>
  interval ? `${statisticText(interval[0])} … ${statisticText(interval[1])}` : null;

/** Findings as rows: condition, of what, verdict, statistic with its interval, threshold. */
export const findingsTable = (
  title: string,
  findings: readonly Finding[],
  notes: readonly string[],
): Table => ({
  title,
  columns: [
    { header: 'condition', align: 'left' },
    { header: 'of', align: 'left' },
    { header: 'verdict', align: 'left' },
    { header: 'statistic', align: 'right' },
    { header: '95 % interval', align: 'right' },
    { header: 'threshold', align: 'left' },
  ],
  rows: findings.map(
    ({ condition, subject, verdict, statistic, interval, threshold }, i): Row => ({
      cells: [
        condition,
        subject ?? null,
        verdict,
        statistic === undefined ? null : statisticText(statistic),
        intervalText(interval),
        threshold,
      ],
      strong: verdict === 'holds',
      rule: i > 0 && condition !== findings[i - 1]!.condition,
    }),
  ),
  notes,
});

/** The note of a finding; that seeds are too few for an interval is said once, below. */
export const ownNote = (note = ''): string =>
  note
    .split('; ')
    .filter((part) => !part.includes('no interval'))
    .join('; ');

/** The definition of each statistic, once per condition, and the notes on it. */
export const notesOf = (findings: readonly Finding[]): string[] => {
  const said = new Set<string>();
  return findings.flatMap(({ condition, subject, measure, definition, note }) => {
    const first = said.has(condition) ? [] : [`${condition}: ${definition}`, `  statistic: ${measure}`];
    said.add(condition);
    const own = ownNote(note);
    return [...first, ...(own ? [`  ${subject === undefined ? '' : `${subject}: `}${own}`] : [])];
  });
};

/** Mean |χ| by the way the model is asked, on train and on test. */
const chiNote = ({ natural }: CheckedExperiment): string => {
  const of = (split: 'train' | 'test', name: string): string => {
    const sizes = natural.flatMap((seed) => seed[split][name]!);
    return (sizes.reduce((sum, x) => sum + x, 0) / sizes.length).toFixed(3);
  };
  const names = Object.keys(natural[0]!.test);
  return `mean |χ| on train / test: ${names.map((name) => `${name} ${of('train', name)} / ${of('test', name)}`).join(', ')}`;
};

/** The table of a check, with definitions and notes below it. */
export const checkTable = (experiment: CheckedExperiment): Table => {
  const { task, config, model, findings, optimizers, remarks, seconds } = experiment;
  const { run, check } = config;
  const seeds = `seed${run.seeds.length > 1 ? 's' : ''} ${run.seeds.join(', ')}`;
  const rates = [...new Set(optimizers.map((one) => `${one.optimizer} ${one.learningRate}`))].join(', ');
  const batches = [...new Set(optimizers.map(({ batchSize }) => batchSize))].join(', ');
  return findingsTable(
    `Does the kernel view hold? ${task.name}, ${run.shots.join(' and ')}-shot, ${seeds} · ${model.name}`,
    findings,
    [
      ...notesOf(findings),
      chiNote(experiment),
      ...remarks,
      `prompt ${task.template}; ${check.steps} steps, batch ${batches}, learning rate ${rates}; θ_T is the point that dev chose`,
      `${run.seeds.length < 3 ? 'there are no intervals over seeds, because a bootstrap needs three seeds' : 'the intervals are from a bootstrap over seeds'}; everything took ${durationText(seconds)}`,
    ],
  );
};
