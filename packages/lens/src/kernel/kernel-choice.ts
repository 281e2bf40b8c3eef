import { ConflictingOptionsError } from '@ntk-lens/core';
import { formulaNames, formulaOf, isSymmetric, type KernelFormula } from '@ntk-lens/kernels/formulas';
import { isFull, type ParameterSpace, parseSpace } from '@ntk-lens/subspace';
import type { TaskSpec } from '@ntk-lens/tasks';
import { TaskNotPossibleError } from '../errors.js';
import type { LensTask } from '../task/lens-task.js';
import type { PromptOptions } from '../task/task-options.js';
import type { KernelChoice } from './kernel-options.js';

/** A choice with its formula and its space as values, and nothing left to a default. */
export interface ResolvedChoice extends KernelChoice {
  readonly formula: KernelFormula;
  readonly space: ParameterSpace;
  readonly spaceSeed: number;
  readonly binary: boolean;
  readonly tied: boolean;
  readonly keepNoise: boolean;
}

/** A space as a value, whichever way it is given. */
export const asSpace = (space: string | ParameterSpace): ParameterSpace =>
  typeof space === 'string' ? parseSpace(space) : space;

/**
 * Checks a choice and fills in its defaults.
 *
 * @param space the space if the choice names none
 * @example
 * ```ts
 * resolveChoice(task, { formula: 'signgd' }, parseSpace('full')).formula.train.ternary; // true
 * ```
 * @throws what {@link checkChoice} throws; UnknownFormulaError, UnknownSpaceError, SpaceSpecError
 */
export const resolveChoice = (
  { spec, asked, seed }: Pick<LensTask, 'spec' | 'asked' | 'seed'>,
  choice: KernelChoice,
  space: ParameterSpace,
): ResolvedChoice => {
  const resolved = {
    ...choice,
    formula: formulaOf(choice.formula ?? 'sgd'),
    space: asSpace(choice.space ?? space),
    spaceSeed: choice.spaceSeed ?? seed,
    binary: choice.binary ?? false,
    tied: choice.tied ?? false,
    keepNoise: choice.keepNoise ?? false,
  };
  checkChoice(spec, asked, resolved);
  return resolved;
};

/**
 * Refuses a kernel that a task cannot have. Needs no model.
 *
 * @example
 * ```ts
 * const { task } = prepareTask('MNLI', {});
 * checkChoice(task, {}, { formula: aSignGd, space: parseSpace('full'), binary: false }); // throws: 3 labels
 * ```
 * @throws TaskNotPossibleError, ConflictingOptionsError
 */
export const checkChoice = (
  task: TaskSpec,
  { labelRule, prompt }: PromptOptions,
  { formula, space, binary }: Pick<ResolvedChoice, 'formula' | 'space' | 'binary'>,
): void => {
  const refuse = (found: string, advice: string): never => {
    throw new TaskNotPossibleError(task.name, found, advice);
  };
  const regression = task.kind === 'regression';
  if (regression && !binary)
    refuse(
      'its labels are scores, for which a kernel needs one output',
      'Add `binary: true`: the output is the logit of the high pole less that of the low one. Zero-shot takes the task as it is.',
    );
  if (regression && prompt === false)
    refuse('its labels are scores, and the probe without a prompt is a classifier', 'Keep the prompt.');
  if (labelRule === 'mean')
    refuse(
      'the label rule mean is for zero-shot, and a kernel needs one output per label',
      'Choose the rule single, first or joint.',
    );
  if (binary && task.labels.length !== 2)
    refuse(`\`binary: true\` needs 2 labels, the task has ${task.labels.length}`, 'Leave it out.');
  if (!isSymmetric(formula) && !binary) {
    const others = formulaNames.filter((name) => isSymmetric(formulaOf(name)));
    refuse(
      `the formula ${formula.name} is defined for one output`,
      task.labels.length === 2
        ? 'Add `binary: true`.'
        : `Choose among ${others.join(', ')}, or a task of 2 labels with \`binary: true\`.`,
    );
  }
  if (prompt === false && !isFull(space))
    throw new ConflictingOptionsError(
      `\`prompt: false\` takes the kernel of all parameters, a new head's among them, and \`space\` is ${space.spec}.`,
      'Leave `prompt: false` out, or `space`.',
    );
};
