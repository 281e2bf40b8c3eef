import type * as z from 'zod';
import type { Network } from './network.js';
import type { NetworkConfig } from './network-config.js';
import type { CommonFields, Complain } from './parts/config-fields.js';
import type { Part } from './parts/orders.js';

/** Definition of an architecture. All that the project asks of a model type is asked of this. */
export interface Architecture<
  T extends string = string,
  F extends CommonFields = CommonFields,
  C extends NetworkConfig = NetworkConfig,
> {
  /** `model_type` of config.json. */
  readonly modelType: T;
  /** The models that are of this type, for people. */
  readonly title: string;
  readonly classes: Classes;
  /** Other values of `model_type` that mean the same network under the same names. */
  readonly also?: Readonly<Record<string, Classes>>;
  /** `masked` models read the logits at the mask, `causal` ones at the last token before its place. */
  readonly objective: 'masked' | 'causal';
  /** Fields of config.json, with the defaults of transformers' configuration class; all others are ignored. */
  readonly fields: F;
  /** Gives the fields the names that all architectures share, and refuses values that contradict each other. */
  config(fields: z.output<z.ZodObject<F>>, complain: Complain): C;
  readonly names: Names;
  /** The network as stages, under the names of a checkpoint. */
  network(config: C): Network;
  /**
   * The modules that parameter spaces change by default: linear sites, or ends of module names if a module is
   * several sites.
   */
  readonly targets: Targets;
  /** Orders in which transformers' language-model classes have the trained parameters; a tied decoder is there once. */
  orders(config: C): readonly (readonly Part[])[];
}

/** The names of an architecture's parameters in checkpoints. */
export interface Names {
  /** Prefix of the base model's parameters. */
  readonly base: string;
  /** Prefixes with which those of the head begin. */
  readonly head: readonly string[];
  /** Parameter → another name under which files hold it that lack its own. */
  readonly elsewhere?: ReadonlyMap<string, string>;
  /**
   * The head of a saved model whose decoder is no longer the word embeddings, where transformers has another one for that: new
   * names of parameters, and fields of config.json.
   */
  readonly untied?: {
    readonly names: ReadonlyMap<string, string>;
    readonly fields: Readonly<Record<string, unknown>>;
  };
}

/**
 * transformers' classes: the beginnings of their names, the files by which they are recognized without
 * `model_type`, and the language model.
 */
export interface Classes {
  readonly prefix: string;
  readonly languageModel: string;
}

/** Defaults of parameter spaces. */
export interface Targets {
  readonly lora: readonly string[];
  readonly ia3: readonly string[];
  /** Those of IA3 whose inputs are scaled instead of their outputs. */
  readonly feedforward: readonly string[];
}

/**
 * Defines an architecture. With a line in `all.ts` it can be loaded, differentiated, fine-tuned and saved
 * (docs/contributing/add-an-architecture.md).
 *
 * @example
 * ```ts
 * const xlmRoberta = defineArchitecture({ ...architectureOf({ modelType: 'roberta' }), modelType: 'xlm-roberta' });
 * ```
 * @experimental
 */
export const defineArchitecture = <const T extends string, F extends CommonFields, C extends NetworkConfig>(
  architecture: Architecture<T, F, C>,
): Architecture<T, F, C> => architecture;
