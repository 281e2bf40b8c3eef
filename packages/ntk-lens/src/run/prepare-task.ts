import type { Tokenizer } from '@ntk-lens/core';
import { formulaNames, formulaOf } from '@ntk-lens/kernels/formulas';
import {
  checkTemplate,
  createVerbalizer,
  type LabelWordRule,
  parseTemplate,
  type Template,
  type Verbalizer,
} from '@ntk-lens/prompts';
import type { TaskSpec } from '@ntk-lens/tasks';
import { taskOf } from '../data/own-task.js';
import type { RunConfig } from '../options/run-config.js';
import { TaskNotPossibleError } from './errors.js';
import { needsOneOutput } from './formula-traits.js';

/** A task with the prompt that a run uses. */
export interface PreparedTask {
  readonly task: TaskSpec;
  readonly template: Template;
}

/**
 * The task of a run, its template checked and its label words replaced by the run's own.
 *
 * @throws UnknownTaskError, TemplateError, TaskNotPossibleError
 */
export const prepareTask = (config: RunConfig): PreparedTask => {
  const { task, template } = preparePrompt(config);
  if (task.kind === 'regression' && !config.binary) {
    throw new TaskNotPossibleError(
      task.name,
      'its labels are scores, for which a kernel needs one output',
      'Add --binary: the output is the logit of the high pole less that of the low one. "ntk-lens zero-shot" takes it as it is.',
    );
  }
  if (task.kind === 'regression' && config.noPrompt) {
    throw new TaskNotPossibleError(
      task.name,
      'its labels are scores, and the probe without a prompt is a classifier',
      'Leave --no-prompt out.',
    );
  }
  if (config.labelRule === 'mean' || config.labelRule === 'joint') {
    throw new TaskNotPossibleError(
      task.name,
      `--label-rule ${config.labelRule} reads several logits per label, and a kernel needs one`,
      'Choose the rule single or first, or "ntk-lens zero-shot", which takes every rule.',
    );
  }
  if (config.binary && task.labels.length !== 2) {
    throw new TaskNotPossibleError(
      task.name,
      `--binary needs 2 labels, the task has ${task.labels.length}`,
      'Leave --binary out.',
    );
  }
  const ofOneOutput = config.formulas.find((name) => needsOneOutput(formulaOf(name)));
  if (ofOneOutput !== undefined && !config.binary) {
    const others = formulaNames.filter((name) => !needsOneOutput(formulaOf(name)));
    throw new TaskNotPossibleError(
      task.name,
      `the formula ${ofOneOutput} is defined for one output`,
      task.labels.length === 2
        ? 'Add --binary.'
        : `Choose among ${others.join(', ')}, or a task of 2 labels with --binary.`,
    );
  }
  return { task, template };
};

/**
 * The task of a configuration with its own prompt, whatever is done with it.
 *
 * @throws UnknownTaskError, TemplateError
 */
export const preparePrompt = (config: RunConfig): PreparedTask => {
  const found = taskOf(config);
  const task: TaskSpec = {
    ...found,
    template: config.template ?? found.template,
    labelWords: config.mapping ?? found.labelWords,
    maxLength: config.maxLength ?? found.maxLength,
    ...(config.firstSentenceLimit !== undefined && { firstSentenceLimit: config.firstSentenceLimit }),
    ...(config.otherSentenceLimit !== undefined && { otherSentenceLimit: config.otherSentenceLimit }),
  };
  const template = parseTemplate(task.template);
  checkTemplate(template, { texts: task.textsPerExample, labels: task.labels.length });
  return { task, template };
};

/**
 * Label words as tokens of the model.
 *
 * @throws MissingLabelsError, MultiTokenLabelWordError, UnknownLabelWordError, DuplicateLabelWordError
 */
export const prepareVerbalizer = (
  task: TaskSpec,
  tokenizer: Tokenizer,
  rule: LabelWordRule = 'single',
): Verbalizer => createVerbalizer(task.labelWords, task.labels, tokenizer, { rule });
