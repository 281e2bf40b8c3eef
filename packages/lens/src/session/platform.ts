import type { LongTaskOptions, SplitName, Tokenizer } from '@ntk-lens/core';
import type { Runtime } from '@ntk-lens/engine';
import type { TileStore } from '@ntk-lens/kernels';
import type { LanguageModel } from '@ntk-lens/models';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { Kernel } from '../kernel/kernel.js';
import type { ExampleSets } from '../task/lens-task.js';
import type { DataOptions, SampleOptions } from '../task/task-options.js';
import type { Disk } from './disk.js';

/** A model that is not on a disk: the contents of its files. */
export interface ModelFiles {
  /** For tables. Default: `model`. */
  readonly name?: string;
  /** `config.json`, parsed or as text. */
  readonly config: string | Readonly<Record<string, unknown>>;
  /** `model.safetensors`. */
  readonly weights: Blob | Uint8Array;
  /** `tokenizer.json`, parsed or as text. */
  readonly tokenizer: string | Readonly<Record<string, unknown>>;
}

/** A model whose configuration and tokenizer are read, and whose weights are open. */
export interface OpenedModel {
  /** For tables: a Hub id or the last part of the directory. */
  readonly name: string;
  /** Where its files lie; absent for one that is not on a disk. */
  readonly directory?: string;
  /** Commit on the Hub, where it came from there. */
  readonly commit?: string;
  readonly tokenizer: Tokenizer;
  readonly model: LanguageModel;
}

/** What a kernel's finished files and unfinished parts need of a directory. */
export interface KernelStore {
  /** Kernels that are finished there; undefined where they are not. */
  read(): Promise<Kernel | undefined>;
  /** Where parts are kept until the whole is; `replace` of the options drops those of other kernels. */
  tiles(identity: Readonly<Record<string, unknown>>): Promise<TileStore>;
  /** Writes what is finished, and removes its parts. */
  finish(kernel: Kernel): Promise<void>;
}

/** What a session takes from where it runs: Node, or a page. */
export interface Platform {
  openModel(
    model: string | ModelFiles | undefined,
    options: LongTaskOptions & { readonly revision?: string },
  ): Promise<OpenedModel>;
  createRuntime(options: { readonly runtime: string; readonly threads?: number }): Promise<Runtime>;
  /** @throws BadArgumentError for a name that no runtime here has */
  checkRuntime(name: string): void;
  readExamples(
    spec: TaskSpec,
    options: DataOptions & Required<Pick<SampleOptions, 'shots' | 'seed'>> & SampleOptions,
    splits: readonly SplitName[],
  ): Promise<ExampleSets>;
  /** A kernel's directory. */
  openStore(
    directory: string,
    identity: Readonly<Record<string, unknown>>,
    replace: boolean,
  ): Promise<KernelStore>;
  /** Absent in a page. */
  readonly disk?: Disk;
}
