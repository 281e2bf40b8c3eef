import type { KernelSplit, LongTaskOptions, PerSplit, SplitName, Tokenizer } from '@ntk-lens/core';
import type { AnyRuntimeName, MachineProfile, RuntimeInfo } from '@ntk-lens/engine';
import type { StoredSplitRows, TileStore } from '@ntk-lens/kernels';
import type { LanguageModel, ModelConfig } from '@ntk-lens/models';
import type { LinearProbe } from '@ntk-lens/solvers';
import type { TaskSpec } from '@ntk-lens/tasks';
import type { KernelIdentity, KernelMaker, StoredKernel } from '../kernel/kernel.js';
import type { BlockLevel } from '../kernel/kernel-options.js';
import type { RuntimeRecord } from '../kernel/runtime-record.js';
import type { ExampleSets } from '../task/lens-task.js';
import type { DataOptions } from '../task/task-options.js';
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
  /** The directory of its files; absent for one that is not on a disk. */
  readonly directory?: string;
  readonly tokenizer: Tokenizer;
  readonly model: LanguageModel;
}

/** Everything that a plan depends on in addition to the request. */
export interface PlanInputs {
  /** Budget in bytes. */
  readonly memory: number;
  readonly profile: MachineProfile;
  /** Parts that the kernel is cut into at least, where several processes compute it. */
  readonly parts?: number;
}

/** Kernels whose rows are put together as they are written. */
export interface FinishedRows extends LongTaskOptions {
  readonly splits: PerSplit<StoredSplitRows & Pick<KernelSplit, 'labels'>>;
  /** Bytes of rows that are in memory at once. */
  readonly blockBytes: number;
  /** The head that was fitted, for a task without a prompt. */
  readonly head?: LinearProbe;
  readonly runtime: RuntimeRecord;
  readonly maker: KernelMaker;
}

/** Files of kernels that are larger than memory. */
export interface KernelRowFiles {
  /** Shapes of the kernels, and the runtime that computed them, where they are finished. */
  known(): Promise<
    { readonly shapes: PerSplit<readonly number[]>; readonly runtime: RuntimeRecord } | undefined
  >;
  /** Writes kernels row by row, and removes the parts of their computation. */
  finish(kernel: FinishedRows): Promise<void>;
}

/** A directory of one kernel: its finished files, and parts of one that is computed. */
export interface KernelStore {
  /** As the directory records it. */
  readonly identity: KernelIdentity;
  /** The kernel, where it is finished there; `whole` is false where its parts of this level are not. */
  read(
    blocks: BlockLevel | undefined,
  ): Promise<{ readonly kernel: StoredKernel; readonly whole: boolean } | undefined>;
  /**
   * The inputs of the plan of this kernel, as the directory records them. Where the work begins now, `make` gives them and
   * they are recorded.
   */
  plan(make: () => Promise<PlanInputs>): Promise<PlanInputs>;
  /**
   * The store of parts of the computation until the whole is there; `numbers` are the other values that their
   * bits depend on.
   */
  tiles(numbers: Readonly<Record<string, unknown>>): Promise<TileStore>;
  /** Writes what is finished, and removes the parts of its computation. */
  finish(kernel: StoredKernel): Promise<void>;
  /** Absent in a page. */
  readonly rows?: KernelRowFiles;
}

/** The parts of a model that are read before its weights. */
export interface ReadModel extends Omit<OpenedModel, 'model'> {
  readonly config: ModelConfig;
}

/** Options for opening a model. */
export interface OpenModelOptions extends LongTaskOptions {
  /** Called before weights are read or downloaded; what it throws is thrown. */
  readonly beforeWeights?: (model: ReadModel) => Promise<void>;
  readonly revision?: string;
  readonly verify?: boolean;
}

/** The parts of a session that depend on where it runs: Node, or a page. */
export interface Platform {
  /** For provenance. */
  readonly versions: Readonly<Record<string, string>>;
  openModel(model: string | ModelFiles | undefined, options: OpenModelOptions): Promise<OpenedModel>;
  /** Names of the runtimes that can be there, in addition to `auto`. */
  readonly runtimes: readonly AnyRuntimeName[];
  /**
   * The examples of one k-shot sample.
   *
   * @param splits sets that must be there; others may stay empty
   */
  readExamples(
    spec: TaskSpec,
    options: DataOptions & { readonly shots: number; readonly seed: number },
    splits: readonly SplitName[],
  ): Promise<ExampleSets>;
  /**
   * The profile by which a new plan is made.
   *
   * @param given by the user; refused if it is of another machine
   */
  machineProfile(runtime: RuntimeInfo, given: MachineProfile | undefined): Promise<MachineProfile>;
  openStore(directory: string, identity: KernelIdentity, replace: boolean): Promise<KernelStore>;
  /**
   * The directory of a kernel that another process planned, whose manifest stays as it is.
   *
   * @throws NoPartsError where there is none; OtherRunError with the differing fields
   */
  readStore(directory: string, identity: KernelIdentity): Promise<KernelStore>;
  saveKernel(kernel: StoredKernel, directory: string, replace: boolean): Promise<void>;
  /** Absent in a page. */
  readonly disk?: Disk;
}
