import type { NDArray } from '@ntk-lens/core';
import { type WeightDirection, weightDifference } from '@ntk-lens/kernels';
import type { LanguageModel } from '@ntk-lens/models';
import { type KernelSpace, pointOf, type SpaceModel } from '@ntk-lens/subspace';

/** A point of a training: a model that `readPoint` or `fineTune` made of the model in its space. */
export type TunedModel = Pick<LanguageModel, 'read'> & LanguageModel;

/** True where gradients with respect to the trainable parameters follow from sites: all spaces but random ones. */
const hasOwnSites = (space: SpaceModel): boolean => space.kernel.model === space;

/**
 * The part of the request with which `computeKernels` gives the kernel over a space at a point of a training.
 *
 * @param space the model at which training started
 */
export const kernelSpaceAt = async (space: SpaceModel, tuned: TunedModel): Promise<KernelSpace> => {
  if (!hasOwnSites(space)) return space.at(await pointOf(tuned, space)).kernel;
  const { parameters } = space.kernel;
  return { model: tuned, parameters };
};

/**
 * θ_to − θ_from in the weights that `directionalDerivatives` knows. In a random subspace θ = θ₀ + Πz it is Π(z_to −
 * z_from); with layer scales λ, the tangent: each of z and λ moves by itself.
 */
export const directionBetween = async (
  space: SpaceModel,
  from: TunedModel,
  to: TunedModel,
): Promise<WeightDirection> => {
  if (hasOwnSites(space)) return weightDifference(to, from);
  const start = space.at(await pointOf(from, space));
  const end = await pointOf(to, space);
  const moves = [...end].map(([name, value]) => start.at(new Map([[name, value]])).kernel.model);
  return {
    read: async (parameter): Promise<NDArray<'float32'>> => {
      const base = await start.kernel.model.read(parameter);
      const sum = new Float32Array(base.data.length);
      for (const model of moves) {
        const { data } = await model.read(parameter);
        for (let i = 0; i < sum.length; i++) sum[i]! += data[i]! - base.data[i]!;
      }
      return { ...base, data: sum };
    },
  };
};
