import { type LanguageModel, modulesLeftOut } from '@ntk-lens/models';
import { findTargets, type LinearTarget, linearTargets } from '../spaces/find-targets.js';
import { BASE_PREFIX, type StoredTensors } from './adapter-format.js';
import { AdapterMismatchError, UnsupportedAdapterError } from './errors.js';

/** One tensor of an adapter that belongs to a module of the model. */
export interface AdaptedTensor {
  readonly tensor: string;
  /** The module under the model's own name. */
  readonly module: string;
  /** The rest of the name after the module, e.g. `lora_A.weight`. */
  readonly part: string;
  readonly target: LinearTarget;
}

/**
 * Sorts the tensors of an adapter by module. Those of modules that do not reach the language model's logits, such as the
 * pooler, are left out, as the modules are.
 *
 * @param parts endings of tensor names that the format knows
 * @throws UnsupportedAdapterError for a tensor of another kind
 * @throws AdapterMismatchError for a module that the model does not have
 */
export const adaptedTensors = (
  { file, names }: StoredTensors,
  parts: readonly string[],
  model: LanguageModel,
): AdaptedTensor[] => {
  const targets = linearTargets(model);
  const leftOut = [...modulesLeftOut(model.config)];
  return names.flatMap((tensor) => {
    const part = parts.find((ending) => tensor.endsWith(`.${ending}`));
    if (!part)
      throw new UnsupportedAdapterError(file, `the tensor "${tensor}"`, `${parts.join(' and ')} alone`);
    const name = tensor.slice(tensor.startsWith(BASE_PREFIX) ? BASE_PREFIX.length : 0, -part.length - 1);
    // Adapters of a base model without a head lack the base prefix.
    const target =
      targets.find(({ module }) => module === name) ??
      targets.find(({ module }) => module.endsWith(`.${name}`));
    if (!target && leftOut.some((module) => module === name || module.endsWith(`.${name}`))) return [];
    if (!target) {
      const modules = [...new Set(targets.map(({ module }) => module))];
      throw new AdapterMismatchError(
        file,
        tensor,
        `a module "${name}"`,
        `one of the model's, such as ${modules.slice(0, 3).join(', ')}`,
      );
    }
    return { tensor, module: target.module, part, target };
  });
};

/** True where a module stores its weight `[in, out]`, which PEFT calls `fan_in_fan_out`. */
export const storesInputsFirst = (model: LanguageModel, modules: Iterable<string>): boolean => {
  const wanted = new Set(modules);
  return linearTargets(model).some(({ module, site }) => wanted.has(module) && site.inFirst === true);
};

/** The shortest list of targets that chooses exactly these modules: the ends of names if they do, else names. */
export const shortTargets = (model: LanguageModel, modules: Iterable<string>): string[] => {
  const wanted = new Set(modules);
  for (const length of [1, 2]) {
    const ends = [...new Set([...wanted].map((module) => module.split('.').slice(-length).join('.')))];
    const found = new Set(findTargets(model, ends).map(({ module }) => module));
    if (found.size === wanted.size) return ends.sort();
  }
  return [...wanted].sort();
};
