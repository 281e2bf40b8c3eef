import type { NDArray } from '@ntk-lens/core';
import type { LanguageModel } from '@ntk-lens/models';
import type { ParameterSpace, SpaceModel, SpacePoint } from '../space.js';
import type { AdapterConfig } from './adapter-config.js';

/** The tensors of an adapter file. */
export interface StoredTensors {
  /** Path, for errors. */
  readonly file: string;
  readonly names: readonly string[];
  shape(name: string): readonly number[];
  read(name: string): Promise<NDArray<'float32'>>;
}

/** The way in which PEFT stores one kind of space. */
export interface AdapterFormat {
  /** `peft_type` in adapter_config.json. */
  readonly peftType: string;
  /** True for spaces that this format stores. */
  stores(space: ParameterSpace): boolean;
  /** The space that a configuration and the tensors' names and shapes say. */
  space(config: AdapterConfig, tensors: StoredTensors, model: LanguageModel): ParameterSpace;
  /** The point of the space that the tensors are. */
  point(tensors: StoredTensors, model: SpaceModel): Promise<SpacePoint>;
  /** Gives what is written: the configuration's entries, and the tensors by name. */
  write(model: SpaceModel): Promise<{
    readonly config: Readonly<Record<string, unknown>>;
    readonly tensors: ReadonlyMap<string, NDArray<'float32'>>;
  }>;
}

/** Prefix that PEFT puts before the base model's module names. */
export const BASE_PREFIX = 'base_model.model.';

/** Name of a space: its specification without arguments. */
export const spaceName = (space: ParameterSpace): string => space.spec.split(':', 1)[0]!;
