import * as all from './all.js';
import type { Architecture, Classes } from './define-architecture.js';

type Known = (typeof all)[keyof typeof all];

/** The configuration that an architecture's definition gives. */
type Configured<A> =
  A extends Architecture<infer T, infer _F, infer C>
    ? {
        readonly modelType: T;
        /** `architectures` of config.json, as written; possibly empty. */
        readonly architectures: readonly string[];
      } & C
    : never;

/** A `model_type` that can be loaded. */
export type ModelType = Known['modelType'];

/** A model's configuration, distinguished by `modelType`. */
export type ModelConfig = Configured<Known>;

/** The configuration of one model type. */
export type ConfigOf<T extends ModelType> = Extract<ModelConfig, { readonly modelType: T }>;

/** Every architecture by its model type, sorted by it. */
export const architectures: ReadonlyMap<string, Architecture> = new Map(
  Object.values(all)
    .map((architecture): [string, Architecture] => [architecture.modelType, architecture])
    .sort(([a], [b]) => (a < b ? -1 : 1)),
);

/** Model types that can be loaded. */
export const modelTypes = [...architectures.keys()] as readonly ModelType[];

/**
 * The architecture of a model: the end of its prompts, its classes, names and network, and the modules that
 * parameter spaces change by default. Ask it for such properties instead of comparing model types.
 *
 * @example
 * ```ts
 * const { objective } = architectureOf(model.config);
 * compileTemplate(template, tokenizer, { labelWordIds, objective });
 * ```
 */
export const architectureOf = ({ modelType }: Pick<ModelConfig, 'modelType'>): Architecture =>
  architectures.get(modelType)!;

/** Every value of `model_type`, with its classes of transformers and the architecture that it means. */
export const declaredTypes: ReadonlyMap<
  string,
  { readonly architecture: Architecture; readonly classes: Classes }
> = new Map(
  [...architectures.values()].flatMap((architecture) =>
    Object.entries({ [architecture.modelType]: architecture.classes, ...architecture.also }).map(
      ([modelType, classes]) => [modelType, { architecture, classes }] as const,
    ),
  ),
);
