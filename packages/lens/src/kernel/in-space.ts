import { type KernelRequest as EngineRequest, matchParameters } from '@ntk-lens/kernels';
import type { LanguageModel } from '@ntk-lens/models';
import type { SpaceModel } from '@ntk-lens/subspace';
import { ConflictingOptionsError } from '../../options/errors.js';
import { scalesParameters } from '../formula-traits.js';
import type { KernelRequest } from './opened-model.js';
import type { SpaceRequest } from './space-request.js';

/** The model in a space, at the space's starting point. */
export const spaceModel = async (model: LanguageModel, { spec, seed }: SpaceRequest): Promise<SpaceModel> => {
  const { parseSpace } = await import('@ntk-lens/subspace');
  return parseSpace(spec).apply(model, { seed });
};

/**
 * Model, parameters and projection of a kernel. Of a space's parameters those count that the request's globs choose.
 *
 * @throws what the space throws where it does not fit the model; ConflictingOptionsError for parts of a random subspace, and
 *   for a formula that scales parameters in one
 */
export const inSpace = async (
  model: LanguageModel,
  { space, parameters, blocks, formula }: Pick<KernelRequest, 'space' | 'parameters' | 'blocks' | 'formula'>,
): Promise<Pick<EngineRequest, 'model' | 'parameters' | 'projection'>> => {
  const chosen = parameters && matchParameters(parameters);
  if (space === undefined) return { model, ...(chosen && { parameters: chosen }) };
  const { kernel } = await spaceModel(model, space);
  if (kernel.projection && chosen)
    throw new ConflictingOptionsError(
      `--parameters and --exclude choose parameters by name, and the coordinates of ${space.spec} have none.`,
      'Name the parameters that the subspace moves: --space intrinsic:1000,include=GLOB+…,exclude=GLOB+….',
    );
  if (kernel.projection && blocks !== undefined)
    throw new ConflictingOptionsError(
      `--blocks ${blocks} splits a kernel by parameters, which ${space.spec} mixes.`,
      'Leave --blocks out for random subspaces.',
    );
  if (kernel.projection && scalesParameters(formula))
    throw new ConflictingOptionsError(
      `--formula ${formula.name} scales the gradient of every parameter by a factor of its own, and the coordinates of ${space.spec} mix parameters.`,
      'Choose another formula, or a space whose coordinates are parameters, such as full, bitfit or lora:r=8.',
    );
  const { parameters: own } = kernel;
  const both = own && chosen ? (name: string) => own(name) && chosen(name) : (own ?? chosen);
  return { ...kernel, ...(both && { parameters: both }) };
};
