import { TaskDefinitionError } from '../errors.js';
import { limits } from '../limits.js';
import type { TaskSpec } from '../spec/task-spec.js';

/** The input of {@link defineTask}; everything else has the default of LM-BFF's single-sentence tasks. */
export type TaskDefinition = Pick<TaskSpec, 'name' | 'labels' | 'labelWords' | 'template'> &
  Partial<Omit<TaskSpec, 'name' | 'labels' | 'labelWords' | 'template' | 'embedded'>>;

/**
 * Makes a task of your own.
 *
 * @example
 * ```ts
 * const spam = defineTask({
 *   name: 'spam',
 *   labels: ['ham', 'spam'],
 *   labelWords: { ham: 'good', spam: 'bad' },
 *   template: '*cls**sent_0*_This_mail_is*mask*.*sep+*',
 * });
 * ```
 * @param definition labels in logit order, one label word for each, and a template
 * @returns a task with 1 text per example, accuracy and at most 128 tokens unless the definition says otherwise
 * @throws TaskDefinitionError if there are fewer than two labels or more than {@link limits} allow, a repeated label, or a label without a label word
 */
export const defineTask = (definition: TaskDefinition): TaskSpec => {
  const { name, labels, labelWords } = definition;
  if (labels.length < 2) throw new TaskDefinitionError(name, `${labels.length} labels`, 'at least two');
  if (labels.length > limits.labels)
    throw new TaskDefinitionError(name, `${labels.length} labels`, `at most ${limits.labels}`);
  const repeated = labels.find((label, i) => labels.indexOf(label) !== i);
  if (repeated !== undefined) {
    throw new TaskDefinitionError(name, `label "${repeated}" twice`, 'different labels');
  }
  const wordless = labels.filter((label) => !Object.hasOwn(labelWords, label));
  if (wordless.length > 0) {
    throw new TaskDefinitionError(
      name,
      `no label word for ${wordless.map((label) => `"${label}"`).join(', ')}`,
      `one for each of ${labels.join(', ')}`,
    );
  }
  const kind = definition.kind ?? 'classification';
  return {
    displayName: name,
    aliases: [],
    textsPerExample: 1,
    metrics: kind === 'regression' ? ['pearson', 'spearman'] : ['accuracy'],
    maxLength: 128,
    ...definition,
    kind,
    embedded: false,
  };
};
