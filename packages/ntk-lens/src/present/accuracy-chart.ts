import { type Dot, dotChart, type FigureText } from '@ntk-lens/report';
import { meanAndSd } from '@ntk-lens/solvers';
import { wilsonInterval } from '@ntk-lens/tasks';
import { isPercent } from './metric-format.js';

/** Kinds of methods; each has its colour and mark in every figure. */
const kinds = ['kernel', 'zero-shot', 'majority', 'linearized', 'fine-tuned'] as const;

/** A method with its test results, one of each seed. */
export interface MethodResult {
  readonly label: string;
  readonly kind: (typeof kinds)[number];
  readonly values: readonly number[];
}

export interface AccuracyChart extends Pick<FigureText, 'title' | 'subtitle'> {
  readonly metric: string;
  readonly testExamples: number;
  readonly methods: readonly MethodResult[];
}

/** The 95 % interval over test examples of the mean over seeds; only an accuracy has one. */
const intervalOf = (metric: string, values: readonly number[], examples: number) =>
  metric === 'accuracy' ? wilsonInterval(meanAndSd(values).mean, examples) : undefined;

/**
 * Test results of methods, one to a row. An accuracy has its Wilson interval over the test examples, for any
 * number of seeds, since seeds share a test set; several seeds also have their standard deviation.
 */
export const accuracyChart = ({ title, subtitle, metric, testExamples, methods }: AccuracyChart): string => {
  const dots = methods.map(
    ({ label, kind, values }): Dot => ({
      label,
      value: values.length > 1 ? meanAndSd(values) : values[0]!,
      interval: intervalOf(metric, values, testExamples),
      kind: kinds.indexOf(kind),
      guide: kind === 'majority',
    }),
  );
  const seeds = Math.max(...methods.map(({ values }) => values.length));
  const meanings = [
    ...(metric === 'accuracy' ? [`thin: 95 % Wilson interval over ${testExamples} test examples`] : []),
    ...(seeds > 1 ? [`thick: ± one standard deviation over ${seeds} seeds`] : []),
  ];
  return dotChart({
    ...{ title, subtitle, dots, axis: `test ${metric}`, percent: isPercent(metric) },
    caption: meanings.length > 0 ? meanings.join('; ') : undefined,
  });
};

/** The possible error of an accuracy in a table, as a note below it; none for other metrics. */
export const intervalNotes = (metric: string, values: readonly number[], examples: number): string[] => {
  const halves = values.flatMap((value) => {
    const interval = intervalOf(metric, [value], examples);
    return interval ? [(interval[1] - interval[0]) / 2] : [];
  });
  if (halves.length === 0) return [];
  const points = (100 * Math.max(...halves)).toFixed(1);
  return [`95 % intervals over the ${examples} test examples (Wilson): up to ± ${points} points`];
};
