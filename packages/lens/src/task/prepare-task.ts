import { ConflictingOptionsError } from '@ntk-lens/core';
import {
  checkTemplate,
  parseTemplate,
  showNewlines,
  type Template,
  textsPerExample,
} from '@ntk-lens/prompts';
import type { TaskSpec } from '@ntk-lens/tasks';
import { taskOf } from './own-task.js';
import type { DataOptions, PromptOptions } from './task-options.js';

/** A task with the prompt that is used. */
export interface PreparedTask {
  readonly task: TaskSpec;
  readonly template: Template;
}

/**
 * A task with its own prompt replaced where another is given, and its template checked. Needs no model and reads no file, so
 * that bad input is refused before either.
 *
 * @example
 * ```ts
 * const { task } = prepareTask('SST-2', { words: { '0': 'bad', '1': 'good' } });
 * task.labelWords; // { '0': 'bad', '1': 'good' }
 * ```
 * @throws UnknownTaskError, TaskDefinitionError, TemplateError; ConflictingOptionsError for a column that no prompt would show
 */
export const prepareTask = (name: string, options: PromptOptions & DataOptions): PreparedTask => {
  const prepared = withPrompt(taskOf(name, options), options);
  const [read, columns = read] = [textsPerExample(prepared.template), options.textColumns?.length];
  if (options.prompt !== false && read < columns)
    throw new ConflictingOptionsError(
      `\`textColumns\` names ${columns} columns, and the template ${showNewlines(prepared.template.source)} reads ${read}.`,
      'Write a `template` that reads the others as well, by *sent_1* and so on, or leave them out.',
    );
  return prepared;
};

/** {@link prepareTask} of a task that is known. */
export const withPrompt = (found: TaskSpec, options: PromptOptions): PreparedTask => {
  const task: TaskSpec = {
    ...found,
    template: options.template ?? found.template,
    labelWords: options.words ?? found.labelWords,
    maxLength: options.maxLength ?? found.maxLength,
    firstSentenceLimit: options.firstSentenceLimit ?? found.firstSentenceLimit,
    otherSentenceLimit: options.otherSentenceLimit ?? found.otherSentenceLimit,
  };
  const template = parseTemplate(task.template);
  checkTemplate(template, { texts: task.textsPerExample, labels: task.labels.length });
  // With newlines for `\n`: prompts are equal where templates are, however they were written.
  return { task: { ...task, template: template.source }, template };
};
