import type { Tokenizer } from '@ntk-lens/core';
import {
  checkTemplate,
  createVerbalizer,
  parseTemplate,
  type Template,
  type Verbalizer,
} from '@ntk-lens/prompts';
import { findTask, type TaskSpec } from '@ntk-lens/tasks';
import type { RunConfig } from '../options/run-config.js';
import { TaskNotPossibleError } from './errors.js';

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
  const found = findTask(config.task);
  const task: TaskSpec = {
    ...found,
    template: config.template ?? found.template,
    labelWords: config.mapping ?? found.labelWords,
  };
  if (task.kind === 'regression') {
    throw new TaskNotPossibleError(task.name, 'its labels are scores', 'Choose a classification task.');
  }
  if (config.binary && task.labels.length !== 2) {
    throw new TaskNotPossibleError(
      task.name,
      `--binary needs 2 labels, the task has ${task.labels.length}`,
      'Leave --binary out.',
    );
  }
  if (config.formulas.includes('a-signgd') && !config.binary) {
    throw new TaskNotPossibleError(
      task.name,
      'the formula a-signgd is defined for one output',
      task.labels.length === 2
        ? 'Add --binary.'
        : 'Choose sgd or signgd, or a task of 2 labels with --binary.',
    );
  }
  const template = parseTemplate(task.template);
  checkTemplate(template, { texts: task.textsPerExample, labels: task.labels.length });
  return { task, template };
};

/**
 * Label words as tokens of the model.
 *
 * @throws MissingLabelsError, MultiTokenLabelWordError, UnknownLabelWordError, DuplicateLabelWordError
 */
export const prepareVerbalizer = (task: TaskSpec, tokenizer: Tokenizer): Verbalizer =>
  createVerbalizer(task.labelWords, task.labels, tokenizer);
