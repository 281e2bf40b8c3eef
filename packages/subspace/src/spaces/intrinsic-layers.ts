import type { LanguageModel } from '@ntk-lens/models';
import type { ProjectionGroups } from '../projections/gradient-projection.js';

/** The layers that have a scale each. */
export interface Layers {
  readonly names: readonly string[];
  /** Index of a parameter's layer: the first stage that uses it. */
  indexOf(parameter: string): number;
}

/** Stages with parameters that move. */
export const layersOf = (model: LanguageModel, moves: (name: string) => boolean): Layers => {
  const layer = new Map<string, string>();
  for (const stage of model.stages([0])) {
    for (const { name } of Object.values(stage.weights)) {
      if (moves(name) && !layer.has(name)) layer.set(name, stage.name);
    }
  }
  const names = [...new Set(layer.values())];
  const indices = new Map([...layer].map(([name, stage]) => [name, names.indexOf(stage)]));
  return { names, indexOf: (parameter) => indices.get(parameter)! };
};

/**
 * Coordinates of a gradient in (z, λ): ∂z = Σ_l λ_l Π_lᵀ∇_l f and ∂λ_l = ⟨Π_lᵀ∇_l f, z⟩. At z = 0 the scales
 * have no gradient.
 */
export const saidGroups = (
  layers: Layers,
  z: ArrayLike<number>,
  scales: ArrayLike<number>,
): ProjectionGroups => ({
  groupOf: (parameter) => String(layers.indexOf(parameter)),
  finish: (sums) => {
    const k = z.length;
    const result = new Float64Array(k + layers.names.length);
    for (const [group, sum] of sums) {
      const layer = Number(group);
      let along = 0;
      for (let i = 0; i < k; i++) {
        result[i]! += scales[layer]! * sum[i]!;
        along += sum[i]! * z[i]!;
      }
      result[k + layer] = along;
    }
    return result;
  },
});
