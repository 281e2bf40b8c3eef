import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import type { MetricName, TaskSpec } from '@ntk-lens/tasks';
import type { RunConfig } from '../../options/run-config.js';
import { kernelName } from '../../run/method-name.js';
import { kernelCell } from '../cells/kernel-cell.js';
import { plainCell } from '../cells/plain-cell.js';
import type { ProtocolCell, Results } from '../cells/protocol-cell.js';
import { trainingCell } from '../cells/training-cell.js';
import { cellOfSome, meanCell, type SampleGroup, sampleGroups, sampleNotes } from './over-seeds.js';
import type { Part, PartRequest } from './part.js';

/** Templates for one text and for two that say less than the task's own, or something else. */
const templates = {
  minimal: ['*cls**sent_0*_*mask*.*sep+*', '*cls**sent_0**mask*,*+sentl_1**sep+*'],
  null: ['*cls**sent_0**mask**sep+*', '*cls**sent_0**+sent_1**mask**sep+*'],
  misleading: [
    '*cls**sent_0*_The_weather_was*mask*.*sep+*',
    '*cls**sent_0*_The_weather_was*mask*.*+sentl_1**sep+*',
  ],
} as const;

/** Every label with the word of the next one. */
const shuffled = ({ labels, labelWords }: TaskSpec): Record<string, string> =>
  Object.fromEntries(labels.map((label, i) => [label, labelWords[labels[(i + 1) % labels.length]!]!]));

/** A cell with the test score of its result; the score is absent where it did not run. */
interface Scored {
  readonly cell: ProtocolCell;
  readonly score: (results: Results, metric: MetricName) => number | undefined;
}

const scored = <R>(
  cell: ProtocolCell<R>,
  testOf: (result: R) => Readonly<Partial<Record<MetricName, number>>> | undefined,
): Scored => ({
  cell,
  score: (results, metric) => {
    const found = results(cell);
    return found === undefined ? undefined : testOf(found)?.[metric];
  },
});

/** The kernel and the training of a prompt on one sample, where there are such. */
interface PromptCells {
  readonly kernel?: Scored;
  readonly training?: Scored;
}

/** Rows of the ablation by their names. */
const rowsOf = ({ config }: PartRequest, { run, samples, spec }: SampleGroup) => {
  const [formula] = config.run.formulas;
  const [optimizer] = config.optimizers;
  const withPrompt = (name: string | undefined, changed: Partial<RunConfig>): readonly PromptCells[] =>
    samples.map((one) => {
      const sample = { ...one, ...changed };
      const kernel = kernelCell(sample, formula!, { prompt: name });
      const training = optimizer && trainingCell(sample, config.check, optimizer, { prompt: name });
      return {
        kernel: scored(kernel, ({ scores }) => scores.kernel.test),
        training: training && scored(training, ({ tuned }) => tuned?.test),
      };
    });
  const without = (standard: 'probe' | 'random'): readonly PromptCells[] =>
    samples.map((sample) => {
      const kernel = standard === 'probe' ? plainCell(sample, formula!) : undefined;
      const prompt = `no-prompt-${standard}`;
      const training = optimizer && trainingCell(sample, config.check, optimizer, { prompt, standard });
      return {
        kernel: kernel && scored(kernel, (scores) => scores.kernel.test),
        training: training && scored(training, ({ tuned }) => tuned?.test),
      };
    });
  const template = (name: keyof typeof templates) =>
    withPrompt(name, {
      template: templates[name][spec.textsPerExample === 1 ? 0 : 1],
      // The mask stands behind both texts, whose end is kept where they are long.
      truncateHead: (name === 'null' && spec.textsPerExample > 1) || run.truncateHead,
    });
  return {
    manual: withPrompt(undefined, {}),
    minimal: template('minimal'),
    null: template('null'),
    misleading: template('misleading'),
    'label words shuffled': withPrompt('shuffled', { mapping: shuffled(spec) }),
    'no prompt, linear probe': without('probe'),
    'no prompt, random head': without('random'),
  };
};

const cellsOfPrompt = ({ kernel, training }: PromptCells): readonly ProtocolCell[] =>
  [kernel, training].flatMap((one) => one?.cell ?? []);

/** The same samples with other prompts. */
export const prompts: Part = {
  title: 'Prompts',
  cells: (request) =>
    sampleGroups(request).flatMap((group) =>
      Object.values(rowsOf(request, group)).flatMap((row) => row.flatMap(cellsOfPrompt)),
    ),
  tell: (request, results) => {
    const [optimizer] = request.config.optimizers;
    const percent = { align: 'right', percent: true, digits: 1 } as const;
    const rows = sampleGroups(request).flatMap((group, i) =>
      Object.entries(rowsOf(request, group)).map(([name, row], k) => {
        const [metric] = group.spec.metrics;
        const of = (which: 'kernel' | 'training') => {
          const asked = row.flatMap((one) => one[which] ?? []);
          const ran = asked.filter(({ cell }) => results(cell) !== undefined);
          return cellOfSome(ran.length, asked.length, () =>
            meanCell(ran.map(({ score }) => score(results, metric))),
          );
        };
        return {
          cells: [
            ...[group.shots, group.spec.name, name],
            ...(optimizer ? [of('training')] : []),
            of('kernel'),
          ],
          rule: k === 0 && i > 0,
        };
      }),
    );
    const shown = Object.entries(templates).map(
      ([name, [one, two]]) => `${name}: ${one} and, for two texts, ${two}`,
    );
    return {
      tables: {
        prompts: {
          title: 'Other prompts on the same samples: mean ± standard deviation',
          columns: [
            { header: 'shots' },
            { header: 'task', align: 'left' },
            { header: 'prompt', align: 'left' },
            ...(optimizer ? [{ header: `${optimizerNamed(optimizer).title} fine-tuning`, ...percent }] : []),
            { header: kernelName(request.config.run.formulas[0]!), ...percent },
          ],
          rows,
          notes: [
            ...sampleNotes(request),
            ...shown,
            'label words shuffled: every label has the word of the next one; a random head has no kernel here, as its outputs at θ₀ are drawn at random',
          ],
        },
      },
      figures: {},
    };
  },
};
