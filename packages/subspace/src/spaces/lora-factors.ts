import { type NDArray, ndarray, zeros } from '@ntk-lens/core';
import { linearSites, type ParameterRef, putPart, rangeOf, takePart } from '@ntk-lens/models';
import type { SpaceModel, SpacePoint } from '../space.js';
import { linearTargets } from './find-targets.js';

/** Names of a module's factors. */
export const loraNames = (module: string) => ({
  a: `${module}.lora_A.weight`,
  b: `${module}.lora_B.weight`,
});

/** The factors of one module at a point: A `[r, in]` and B `[out, r]`. */
export interface LoraFactors {
  readonly module: string;
  readonly a: NDArray<'float32'>;
  readonly b: NDArray<'float32'>;
}

/**
 * The factors of every module of a model in a LoRA space. Where only a part of a fused module is a target, the
 * rows of B that nothing uses are zero, so that B A is the module's update.
 */
export const loraFactors = async (model: SpaceModel): Promise<LoraFactors[]> => {
  const used = new Map<string, ParameterRef[]>();
  for (const site of linearSites(model.stages([0]).flatMap(({ sites }) => sites))) {
    if (!site.name.endsWith('.lora_B')) continue;
    const { name, shape } = site.weight;
    used.set(name, [...(used.get(name) ?? []), { name, shape, part: rangeOf(site.weight) }]);
  }
  const modules = [...used.keys()].map((name) => name.replace(/\.lora_B\.weight$/, ''));
  return Promise.all(
    modules.map(async (module) => {
      const names = loraNames(module);
      const [a, stored] = [await model.read(names.a), await model.read(names.b)];
      const b = zeros('float32', stored.shape);
      for (const ref of used.get(names.b)!) putPart(b.data, ref, takePart(stored, ref.part).data);
      return { module, a, b };
    }),
  );
};

/** (scale) B A of every module of a model in a LoRA space, in the layout of the module's weight. */
export const loraUpdates = async (model: SpaceModel, scale: number): Promise<SpacePoint> => {
  const result = new Map<string, NDArray<'float32'>>();
  const targets = new Map(linearTargets(model.base).map((target) => [target.module, target]));
  for (const { module, a, b } of await loraFactors(model)) {
    const { site, inSize, outSize } = targets.get(module)!;
    const r = a.shape[0]!;
    const update = new Float32Array(outSize * inSize);
    for (let o = 0; o < outSize; o++) {
      for (let i = 0; i < inSize; i++) {
        let sum = 0;
        for (let k = 0; k < r; k++) sum += b.data[o * r + k]! * a.data[k * inSize + i]!;
        update[site.inFirst ? i * outSize + o : o * inSize + i] = scale * sum;
      }
    }
    result.set(site.weight.name, ndarray<'float32'>(update, site.weight.shape));
  }
  return result;
};
