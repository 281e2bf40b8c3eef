import { join } from 'node:path';
import type { Table } from '@ntk-lens/report';
import type { Finding, Verdict } from '@ntk-lens/tensor-programs';
import type { Demo, DemoMethod } from '../run/demo/demo.js';
import { accuracyChart, intervalNotes } from './accuracy-chart.js';
import { metricFormat } from './metric-format.js';
import { shownPath } from './shown-path.js';

const meanings: Readonly<Record<DemoMethod['name'], string>> = {
  majority: 'always the most frequent label',
  'zero-shot': 'the label words, the model as it is',
  'SGD kernel': 'kernel regression, the model as it is',
  linearized: 'fine-tuned, but linear in the parameters',
  'fine-tuned': 'all parameters trained by SGD',
};

/** The meaning of a verdict on a condition, in a line of 80 columns. */
const sentences: Readonly<Record<string, Readonly<Record<Verdict, string>>>> = {
  solves: {
    holds: 'the kernel scores at least 90 % of what fine-tuning scores.',
    fails: 'the kernel scores less than 90 % of what fine-tuning scores.',
    'cannot tell': 'fine-tuning scores nothing to compare with.',
  },
  linearization: {
    holds: 'the linearized model has at least half of the gain.',
    fails: 'the linearized model has less than half of the gain.',
    'cannot tell': 'fine-tuning gained nothing over zero-shot.',
  },
};

const verdictLine = ({ condition, verdict }: Finding): string =>
  `${condition} ${verdict === 'cannot tell' ? 'is undecided' : verdict}: ${sentences[condition]![verdict]}`;

/**
 * The table of a demo: the methods that are compared, two verdicts, and the next commands. It is 80 columns
 * wide.
 */
export const demoTable = (demo: Demo, figure: string, program: string): Table => {
  const { task, model, examples, methods, findings, steps, learningRate, seconds } = demo;
  const [metric] = task.metrics;
  return {
    title: `Does fine-tuning ${model} on ${task.name} behave like a kernel method?`,
    columns: [
      { header: 'method', align: 'left' },
      { header: `test ${metric}`, ...metricFormat(metric) },
      { header: 'how it answers', align: 'left' },
    ],
    rows: methods.map(({ name, test }) => ({ cells: [name, test, meanings[name]] })),
    notes: [
      ...findings.map(verdictLine),
      `${examples.train} training and ${examples.test} test examples; ${steps} steps at rate ${learningRate}; ${Math.round(seconds)} s`,
      ...intervalNotes(
        metric,
        methods.map(({ test }) => test),
        examples.test,
      ),
      `figure: ${shownPath(figure)}`,
      `next, every condition, for Adam too: ${program} check`,
    ],
  };
};

/** The methods with their intervals. */
export const demoFigure = ({ task, model, methods, examples }: Demo): string =>
  accuracyChart({
    ...{ title: task.name, subtitle: model, metric: task.metrics[0], testExamples: examples.test },
    methods: methods.map(({ name, test }) => ({
      label: name,
      kind: name === 'SGD kernel' ? 'kernel' : name,
      values: [test],
    })),
  });

export const figureOf = ({ directory }: Demo): string => join(directory, 'accuracy.svg');
