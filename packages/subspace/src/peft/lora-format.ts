import type { ParameterSpace } from '../space.js';
import { type LoraSpace, loraSpace } from '../spaces/lora.js';
import { loraFactors, loraNames } from '../spaces/lora-factors.js';
import { adaptedTensors, shortTargets, storesInputsFirst } from './adapted-modules.js';
import { type AdapterFormat, BASE_PREFIX, spaceName } from './adapter-format.js';
import { AdapterMismatchError, UnsupportedAdapterError } from './errors.js';

const PARTS = ['lora_A.weight', 'lora_B.weight'] as const;

/** Options of PEFT that change what the adapter computes, and are not supported. */
const REFUSED = [
  ...['use_dora', 'use_qalora', 'use_bdlora', 'lora_bias', 'modules_to_save', 'layer_replication'],
  ...['target_parameters', 'trainable_token_indices', 'rank_pattern', 'alpha_pattern', 'arrow_config'],
  ...['kasa_config', 'velora_config', 'monteclora_config', 'alora_invocation_tokens', 'megatron_config'],
];

const isLora = (space: ParameterSpace): space is LoraSpace => spaceName(space) === 'lora';

/** LoRA as PEFT stores it: `<module>.lora_A.weight` `[r, in]` and `<module>.lora_B.weight` `[out, r]`. */
export const loraFormat: AdapterFormat = {
  peftType: 'LORA',
  // Other parameters that move have no place in the file.
  stores: (space) => isLora(space) && space.options.also === undefined,
  space: (config, tensors, model) => {
    config.refuse(REFUSED);
    config.refuse(['bias'], ['none']);
    // These take a part out of the base weights, which the stored adapter then counts on.
    config.refuse(['init_lora_weights'], [true, 'gaussian', 'eva', 'orthogonal']);
    const r = config.integer('r');
    const found = adaptedTensors(tensors, PARTS, model);
    const modules = new Set(found.map(({ module }) => module));
    for (const { module } of found) {
      for (const part of PARTS) {
        if (!found.some((other) => other.module === module && other.part === part))
          throw new AdapterMismatchError(
            tensors.file,
            `${module}.${part}`,
            'none',
            'both factors of a module',
          );
      }
    }
    if (modules.size === 0)
      throw new UnsupportedAdapterError(tensors.file, 'no tensors', 'factors of modules');
    return loraSpace({
      r,
      alpha: config.number('lora_alpha'),
      dropout: config.number('lora_dropout', 0),
      targets: shortTargets(model, modules),
      rankStabilized: config.flag('use_rslora'),
    });
  },
  point: async (tensors, model) =>
    new Map(
      await Promise.all(
        adaptedTensors(tensors, PARTS, model.base).map(async ({ tensor, module, part }) => {
          const names = loraNames(module);
          return [part === 'lora_A.weight' ? names.a : names.b, await tensors.read(tensor)] as const;
        }),
      ),
    ),
  write: async (model) => {
    const { options } = model.space as LoraSpace;
    const factors = await loraFactors(model);
    const modules = factors.map(({ module }) => module);
    return {
      config: {
        r: options.r,
        lora_alpha: options.alpha,
        lora_dropout: options.dropout,
        use_rslora: options.rankStabilized,
        target_modules: shortTargets(model.base, modules),
        bias: 'none',
        fan_in_fan_out: storesInputsFirst(model.base, modules),
        init_lora_weights: true,
        modules_to_save: null,
        rank_pattern: {},
        alpha_pattern: {},
      },
      tensors: new Map(
        factors.flatMap(({ module, a, b }) => [
          [BASE_PREFIX + loraNames(module).a, a],
          [BASE_PREFIX + loraNames(module).b, b],
        ]),
      ),
    };
  },
};
