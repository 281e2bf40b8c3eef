import { checkTemplate, parseTemplate, type Template } from '@ntk-lens/prompts';
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
 * @throws UnknownTaskError, TaskDefinitionError, TemplateError
 * @internal
 */
export const prepareTask = (name: string, options: PromptOptions & DataOptions): PreparedTask =>
  withPrompt(taskOf(name, options), options);

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
  return { task, template };
};
