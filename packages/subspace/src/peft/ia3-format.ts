import { ndarray, sizeOf } from '@ntk-lens/core';
import type { ParameterSpace } from '../space.js';
import { type Ia3Options, ia3Name, ia3Space, ia3Targets } from '../spaces/ia3.js';
import { adaptedTensors, shortTargets, storesInputsFirst } from './adapted-modules.js';
import { type AdapterFormat, BASE_PREFIX, spaceName } from './adapter-format.js';
import { UnsupportedAdapterError } from './errors.js';

const PARTS = ['ia3_l'] as const;

const isIa3 = (space: ParameterSpace): space is ParameterSpace & { readonly options: Ia3Options } =>
  spaceName(space) === 'ia3';

/** IA3 as PEFT stores it: `<module>.ia3_l`, `[out, 1]`, or `[1, in]` where inputs are scaled. */
export const ia3Format: AdapterFormat = {
  peftType: 'IA3',
  stores: isIa3,
  space: (config, tensors, model) => {
    config.refuse(['modules_to_save']);
    const found = adaptedTensors(tensors, PARTS, model);
    if (found.length === 0)
      throw new UnsupportedAdapterError(tensors.file, 'no tensors', 'scales of modules');
    const inputs = found.filter(({ tensor }) => tensors.shape(tensor)[0] === 1).map(({ module }) => module);
    return ia3Space({
      targets: shortTargets(
        model,
        found.map(({ module }) => module),
      ),
      feedforward: inputs.length > 0 ? shortTargets(model, inputs) : [],
    });
  },
  point: async (tensors, model) =>
    new Map(
      await Promise.all(
        adaptedTensors(tensors, PARTS, model.base).map(async ({ tensor, module }) => {
          const { data, shape } = await tensors.read(tensor);
          return [ia3Name(module), ndarray<'float32'>(data, [sizeOf(shape)])] as const;
        }),
      ),
    ),
  write: async (model) => {
    const { options } = model.space as ParameterSpace & { readonly options: Ia3Options };
    const targets = new Map(ia3Targets(model.base, options).map((target) => [target.module, target]));
    const inputs = [...targets.values()].filter(({ scalesInput }) => scalesInput);
    return {
      config: {
        target_modules: shortTargets(model.base, targets.keys()),
        feedforward_modules:
          inputs.length > 0
            ? shortTargets(
                model.base,
                inputs.map(({ module }) => module),
              )
            : [],
        fan_in_fan_out: storesInputsFirst(model.base, targets.keys()),
        init_ia3_weights: true,
        modules_to_save: null,
      },
      tensors: new Map(
        await Promise.all(
          [...targets.values()].map(async ({ module, scalesInput }) => {
            const { data } = await model.read(ia3Name(module));
            const shape = scalesInput ? [1, data.length] : [data.length, 1];
            return [`${BASE_PREFIX}${ia3Name(module)}`, ndarray<'float32'>(data, shape)] as const;
          }),
        ),
      ),
    };
  },
};
