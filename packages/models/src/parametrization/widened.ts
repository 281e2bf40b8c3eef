import type { NetworkConfig } from '../architectures/network-config.js';

/**
 * The same architecture with everything that grows with width multiplied: heads, layers, vocabulary and positions stay.
 *
 * @example
 * ```ts
 * widened(await readModelConfig(modelDirectory), 2).hiddenSize; // 768
 * ```
 * @internal
 */
export const widened = <C extends NetworkConfig>(config: C, factor: number): C => ({
  ...config,
  ...Object.fromEntries(
    (['hiddenSize', 'intermediateSize', 'headSize', 'scoreSize', 'embeddingSize'] as const).flatMap(
      (field) => {
        const size = (config as Readonly<Record<string, unknown>>)[field];
        return typeof size === 'number' ? [[field, size * factor]] : [];
      },
    ),
  ),
});
