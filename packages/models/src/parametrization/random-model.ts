import { Mt19937, type NDArray, ndarray, sha256, sizeOf } from '@ntk-lens/core';
import { buildStages } from '../architectures/build-stages.js';
import { nameRulesOf } from '../architectures/name-rules.js';
import { parametersOf } from '../architectures/parameters-of.js';
import type { ModelConfig } from '../architectures/registry.js';
import type { LanguageModel } from '../language-model.js';
import { startsOf } from '../sites/parameter-ref.js';
import { type ParametrizationOptions, parametrize, type WidthScale } from './parametrize.js';

export interface RandomModelOptions {
  readonly parametrization: ParametrizationOptions;
  readonly seed: number;
  /** Weights that start at 0, as recommended with μP: the decoder's (`output`), the queries' (`query`). Default: none. */
  readonly zero?: readonly ('output' | 'query')[];
}

/** Every parameter has a stream of its own, whatever the others are. */
const streamOf = (seed: number, name: string): Mt19937 => {
  const { buffer, byteOffset } = sha256().update(name).digest();
  const words = new DataView(buffer, byteOffset);
  return new Mt19937([seed, words.getUint32(0, true), words.getUint32(4, true)]);
};

const isZero = ({ role, query, kind }: WidthScale, zero: RandomModelOptions['zero'] = []): boolean =>
  kind === 'weight' && ((zero.includes('output') && role === 'output') || (zero.includes('query') && query));

/** Standard deviation of every entry along the axis that ranges of the parameter cut. */
const stdAt = (
  uses: readonly { readonly scale: WidthScale; readonly std: number }[],
  shape: readonly number[],
) => {
  const first = uses[0]!;
  const { range } = first.scale;
  if (!range) return () => first.std;
  const below = sizeOf(shape.slice(range.axis + 1));
  return (i: number): number => {
    const place = Math.floor(i / below) % shape[range.axis]!;
    const use = uses.find(
      ({ scale: { range: r } }) => r && startsOf(r).some((start) => place >= start && place < start + r.size),
    );
    return (use ?? first).std;
  };
};

/**
 * A model with random weights: normal with the standard deviations of a width-aware parametrization, biases 0,
 * LayerNorm the identity. Its numbers depend on the configuration and the options alone.
 *
 * @example
 * ```ts
 * const wide = parseModelConfig({ ...config, hidden_size: 192, tie_word_embeddings: false });
 * const model = randomModel(wide, { parametrization: { name: 'mup', baseWidth: 64 }, seed: 0 });
 * ```
 * @throws ParametrizationError
 */
export const randomModel = (config: ModelConfig, options: RandomModelOptions): LanguageModel => {
  const { parametrization, seed, zero } = options;
  const { scales } = parametrize(config, parametrization);
  const parameters = parametersOf(config);
  const { decoderWeight, wordEmbeddings } = nameRulesOf(config);
  const storedName = (name: string) =>
    config.tieWordEmbeddings && name === decoderWeight ? wordEmbeddings : name;
  const read = async (name: string): Promise<NDArray<'float32'>> => {
    const stored = storedName(name);
    const shape = parameters.get(stored)!;
    const uses = scales
      .filter(({ parameter }) => parameter === stored)
      .map((scale) => ({ scale, std: isZero(scale, zero) ? 0 : scale.std }));
    const data = new Float32Array(sizeOf(shape));
    const { identity } = uses[0]!.scale;
    if (identity !== undefined) return ndarray(data.fill(identity), shape);
    if (uses.every(({ std }) => std === 0)) return ndarray(data, shape);
    const random = streamOf(seed, stored);
    const std = stdAt(uses, shape);
    for (let i = 0; i < data.length; i++) data[i] = std(i) * random.standardNormal();
    return ndarray(data, shape);
  };
  return {
    config,
    parameters,
    stages: (labelWordIds) => buildStages(config, labelWordIds),
    read,
    storedName,
    hash: async () =>
      sha256()
        .update(JSON.stringify([config, parametrization, seed, zero ?? []]))
        .hex(),
    close: async () => {},
  };
};
