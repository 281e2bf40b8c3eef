import { ConflictingOptionsError } from '@ntk-lens/core';
import { type KernelRequest, matchParameters } from '@ntk-lens/kernels';
import type { LanguageModel } from '@ntk-lens/models';
import { isFull } from '@ntk-lens/subspace';
import type { SpaceInfo } from '../kernel/kernel.js';
import type { ResolvedChoice } from '../kernel/kernel-choice.js';

/**
 * Model, parameters and projection of a kernel. Counts those of a space's parameters that the choice's globs
 * match.
 *
 * @throws what the space throws where it does not fit the model; ConflictingOptionsError for parts of a
 * random subspace, and
 *   for a formula that scales parameters in one
 */
export const inSpace = async (
  model: LanguageModel,
  { space, spaceSeed, parameters, blocks, formula }: ResolvedChoice,
): Promise<Pick<KernelRequest, 'model' | 'parameters' | 'projection'>> => {
  const chosen = parameters && matchParameters(parameters);
  if (isFull(space)) return { model, parameters: chosen };
  const { kernel } = await space.apply(model, { seed: spaceSeed });
  if (kernel.projection && chosen)
    throw new ConflictingOptionsError(
      `\`parameters.include\` and \`parameters.exclude\` choose parameters by name, and the coordinates of ${space.spec} have none.`,
      'Name the parameters that the subspace moves: `space` intrinsic:1000,include=GLOB+…,exclude=GLOB+….',
    );
  if (kernel.projection && blocks !== undefined)
    throw new ConflictingOptionsError(
      `\`blocks\` ${blocks} splits a kernel by parameters, which ${space.spec} mixes.`,
      'Leave `blocks` out for random subspaces.',
    );
  const scales = formula.train.needsFactors || formula.query.needsFactors;
  if (kernel.projection && scales)
    throw new ConflictingOptionsError(
      `\`formula\` ${formula.name} scales the gradient of every parameter by a factor of its own, and the coordinates of ${space.spec} mix parameters.`,
      'Choose another formula, or a space whose coordinates are parameters, such as full, bitfit or lora:r=8.',
    );
  const { parameters: own } = kernel;
  return {
    ...kernel,
    parameters: own && chosen ? (name) => own(name) && chosen(name) : (own ?? chosen),
  };
};

/** The choice's space over a model; undefined for all parameters. */
export const spaceInfo = async (
  model: LanguageModel,
  { space, spaceSeed }: ResolvedChoice,
): Promise<SpaceInfo | undefined> => {
  if (isFull(space)) return undefined;
  const { dimension, startsAtModel, kernel } = await space.apply(model, { seed: spaceSeed });
  const whole = [...model.parameters.keys()].every((name) => kernel.parameters?.(name) ?? true);
  const projectsAll = kernel.projection !== undefined && whole;
  return { spec: space.spec, seed: spaceSeed, dimension, startsAtModel, projectsAll };
};
