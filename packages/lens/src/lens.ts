import type { Example, LongTaskOptions, Tokenizer } from '@ntk-lens/core';
import type { MachineProfile } from '@ntk-lens/engine';
import type { KernelParts } from '@ntk-lens/kernels';
import type { LanguageModel } from '@ntk-lens/models';
import type { EncodedPrompt } from '@ntk-lens/prompts';
import type { ParameterSpace } from '@ntk-lens/subspace';
import type { Check, CheckOptions } from './check/check.js';
import type { FineTuned, FineTuneOptions } from './fine-tune/fine-tuned.js';
import type { Kernel } from './kernel/kernel.js';
import type { KernelChoice, KernelOptions, PlanPartsOptions } from './kernel/kernel-options.js';
import type { ExplainedKernel, ExplainedOperators } from './methods/explain-kernel.js';
import type { OpenPartsOptions, PlannedParts } from './methods/kernel-parts.js';
import type { CheckKernelOptions } from './methods/kernel-request.js';
import type { MatrixFreeSolved, MatrixFreeSolveOptions } from './methods/matrix-free.js';
import type { KernelOnDisk, StoreKernelOptions } from './methods/store-kernel.js';
import type { PromptSuggestion, SuggestPromptOptions } from './methods/suggest-prompt.js';
import type { ZeroShotMethod, ZeroShotOptions } from './methods/zero-shot.js';
import type { Prediction } from './predict/predict.js';
import type { ModelFiles } from './session/platform.js';
import type { SharedRuntime } from './session/shared-runtime.js';
import type { Solved, SolveOptions } from './solve/solve-kernel.js';
import type { LensTask, PromptedTask } from './task/lens-task.js';
import type { ExamplesOptions, TaskOptions } from './task/task-options.js';

/** Options of `openLens`. */
export interface LensOptions extends LongTaskOptions {
  /**
   * A Hugging Face model directory, an id of the Hub, or the contents of a model's files. Default: the embedded model, which
   * needs `@ntk-lens/minilm-mlm`.
   */
  readonly model?: string | ModelFiles;
  /** Branch, tag or commit of a model of the Hub. */
  readonly revision?: string;
  /**
   * Hash the weights even where their hash is known from before, by inode, size and times, and compare the files of a model
   * in the Hub's cache with the Hub's hashes. Default: false.
   */
  readonly verify?: boolean;
  /** Default space of kernels and of fine-tuning. Default: all parameters. */
  readonly space?: string | ParameterSpace;
  /** A runtime's name, `auto` (default), or the runtime of another session, which then is shared. */
  readonly runtime?: string | SharedRuntime;
  /** CPU threads. Default: all cores. */
  readonly threads?: number;
  /** Budget of kernels: bytes, or an amount such as `2GB`. Default: 4 GiB. */
  readonly memory?: number | string;
  /**
   * The rates by which kernels are planned, as `readMachineProfile` reads them. Default: those that were measured on this
   * machine before, else those of a table of processors.
   */
  readonly profile?: MachineProfile;
  /**
   * Called when configuration and tokenizer are read, before weights are read or downloaded: the place to refuse what they
   * cannot do. `openLens` throws the errors that it throws. Work that needs weights, such as demonstrations
   * chosen by the model, ends it without an error.
   *
   * @example
   * ```ts
   * const words = { '0': 'terrible', '1': 'great' };
   * const lens = await openLens({
   *   model: 'roberta-base',
   *   beforeWeights: async (early) => void (await early.task('SST-2', { data: 'k-shot', words })),
   * });
   * ```
   */
  readonly beforeWeights?: (early: EarlyLens) => Promise<void>;
}

/** A session before the weights of its model are there: its `model` has names and shapes, and what reads a weight throws. */
export type EarlyLens = Pick<
  Lens,
  | 'name'
  | 'directory'
  | 'model'
  | 'tokenizer'
  | 'objective'
  | 'runtime'
  | 'task'
  | 'prompt'
  | 'examples'
  | 'encode'
  | 'checkKernel'
  | 'kernelFits'
>;

/**
 * A session: a model, its tokenizer and a runtime, opened once. Calls that compute wait for each other in a queue, so that
 * one memory budget holds; every method takes a `signal` and reports to `onProgress`.
 */
export interface Lens extends AsyncDisposable {
  /** Name of the model for tables: a Hub id, or the last part of its directory. */
  readonly name: string;
  /** The directory of the model's files; absent for a model that is not on a disk. */
  readonly directory?: string;
  /** The model at θ₀, for functions of the packages below. The session closes it. */
  readonly model: LanguageModel;
  readonly tokenizer: Tokenizer;
  readonly objective: 'masked' | 'causal';
  /** Pass it to `openLens` to share the runtime between sessions. */
  readonly runtime: SharedRuntime;

  /**
   * A k-shot sample of a task, prompted and tokenized for this model.
   *
   * @example
   * ```ts
   * const task = await lens.task('SST-2', { data: 'k-shot', shots: 16, seed: 13 });
   * const own = await lens.task('sentiment', { data: 'reviews.csv', words: { bad: 'terrible', good: 'great' } });
   * ```
   * @param name name of a task of `@ntk-lens/tasks`; with data of one's own, the task whose prompt is taken
   * @throws UnknownTaskError, TemplateError, MultiTokenLabelWordError and other errors of label words;
   * BadExampleError for an
   *   example that does not fit; what the reader of the data throws
   */
  task(name: string, options?: TaskOptions): Promise<LensTask>;

  /**
   * A k-shot sample with its prompt, before it is tokenized; `task` tokenizes it.
   *
   * @example
   * ```ts
   * const { prompt, sets } = await lens.prompt('sentiment', { splits: ['dev'] });
   * const [first] = prompt!.encode('dev', [sets.dev[0].texts]);
   * ```
   * @throws what `task` throws, except for BadExampleError
   */
  prompt(name: string, options?: TaskOptions): Promise<PromptedTask>;

  /**
   * A task of labelled texts in memory.
   *
   * @example
   * ```ts
   * const task = await lens.examples({
   *   texts: ['A gentle, funny film.', 'Two hours of noise.', 'Warm.', 'Dull.', 'I laughed.', 'I slept.'],
   *   labels: ['good', 'bad', 'good', 'bad', 'good', 'bad'],
   *   template: '*cls**sent_0*_It_was*mask*.*sep+*',
   *   words: { bad: 'terrible', good: 'great' },
   *   shots: 1,
   * });
   * ```
   * @throws TaskDefinitionError, TooFewExamplesError, NothingLeftError, BadArgumentError, and what `task` throws
   */
  examples(options: ExamplesOptions): Promise<LensTask>;

  /**
   * A template and label words for labelled texts, from the model's own vocabulary. Every candidate template is rated by the mean
   * log-likelihood of the labels under the untrained model, with the labels' own names and with the words that
   * `searchLabelWords` of `@ntk-lens/prompts` finds. The order of the examples does not matter. Give training examples alone:
   * scores on examples that helped to choose the prompt say too much.
   *
   * @example
   * ```ts
   * const { template, words, tried } = await lens.suggestPrompt(train, { labelName: 'kind' });
   * const task = await lens.task('sentiment', { data: 'tickets.csv', textColumns: ['body'], labelColumn: 'kind', template, words });
   * ```
   * @throws BadArgumentError for examples of fewer than two labels; NoLabelWordsError; TemplateError; CancelledError
   */
  suggestPrompt(examples: readonly Example[], options?: SuggestPromptOptions): Promise<PromptSuggestion>;

  /**
   * Encodes new texts as test examples of a task: the prompt, and for each of its tokens what it was made of.
   *
   * @example
   * ```ts
   * const [prompt] = await lens.encode(task, ['I laughed all the way home.']);
   * prompt.inputIds[prompt.position] === lens.tokenizer.special.mask;
   * ```
   * @param texts one text for every example, or two for pairs
   * @throws BadArgumentError for another number of texts; BadExampleError
   */
  encode(
    task: PromptedTask,
    texts: readonly (string | readonly string[])[],
    options?: LongTaskOptions,
  ): Promise<EncodedPrompt[]>;

  /**
   * The exact empirical kernel of a task at θ₀ (docs/theory.md, Kernels): train × train, train × dev, train × test.
   *
   * @example
   * ```ts
   * const kernel = await lens.kernel(task, { formula: 'signgd', space: 'lora:r=8', directory: 'kernels/signgd' });
   * kernel.splits.test.kernel.shape; // [train, C, test, C]
   * ```
   * @throws TaskNotPossibleError, UnknownFormulaError, MemoryBudgetError, NoParametersError, ConflictingOptionsError; what a
   *   space throws that does not fit; OtherRunError and others for a directory that holds something else; CancelledError
   */
  kernel(task: LensTask, options?: KernelOptions): Promise<Kernel>;

  /**
   * Refuses what `kernel` refuses before any work, and nothing else: a long list of kernels can be checked before the first.
   *
   * @example
   * ```ts
   * await lens.checkKernel(task, { formula: 'adam', parameters: { exclude: ['*embed*'] } });
   * ```
   * @throws what `kernel` throws before any work; CancelledError
   */
  checkKernel(task: LensTask, options?: CheckKernelOptions): Promise<void>;

  /**
   * True where a kernel fits the memory budget of the session: `kernel` computes it. False where it has to stay on the disk, and
   * `storeKernel` computes it (docs/scale.md, Kernels larger than memory).
   *
   * @example
   * ```ts
   * const fits = await lens.kernelFits(task, { formula: 'sgd' });
   * ```
   * @throws what `kernel` throws before any work; MemoryBudgetError names the smallest budget that a kernel on the disk takes
   */
  kernelFits(task: LensTask, options?: KernelChoice & LongTaskOptions): Promise<boolean>;

  /**
   * Computes a kernel into a directory, without ever having it in memory. Tiles are computed and written one after another, and
   * put together row by row; the files are those that `kernel` leaves with the same plan. `openLargeKernel` opens them.
   *
   * @example
   * ```ts
   * const { shapes } = await lens.storeKernel(task, { formula: 'sgd', directory: 'kernels/large' });
   * const large = await openLargeKernel('kernels/large', 2 ** 30);
   * if (large) console.log((await solveLargeKernel(large)).test.accuracy);
   * ```
   * @throws what `kernel` throws; LargeKernelError for kernels of parts; NoDiskError in a page
   */
  storeKernel(task: LensTask, options: StoreKernelOptions): Promise<KernelOnDisk>;

  /**
   * Plans a kernel and computes none: methods, work, memory, seconds. The first call measures for a moment how fast the runtime
   * multiplies, where that is not known; what plans trace is traced once for the session.
   *
   * @example
   * ```ts
   * const { plan, seconds } = await lens.explain(task, { formula: 'sgd' });
   * plan.totalFlops / 1e12; // TFLOP
   * ```
   * @throws what `kernel` throws before any work; ConflictingOptionsError for a random subspace, which has no plan
   */
  explain(task: LensTask, options?: KernelChoice & LongTaskOptions): Promise<ExplainedKernel>;

  /**
   * Plans products with a kernel that is never written out, and computes none: their work, memory and seconds.
   *
   * @example
   * ```ts
   * const { plan, seconds } = await lens.explainMatrixFree(task, { binary: true });
   * ```
   * @throws what `solveMatrixFree` throws before any work
   */
  explainMatrixFree(task: LensTask, options?: KernelChoice & LongTaskOptions): Promise<ExplainedOperators>;

  /**
   * Plans a kernel that several processes compute, in a directory that they share: it records the plan, counts the work of every
   * part and computes nothing. Each process computes parts by `openParts`, and `kernel` with `computedBy` puts them together.
   *
   * @example
   * ```ts
   * const { runtime, levels } = await lens.planParts(task, { formula: 'sgd', directory: 'shared', parts: 8 });
   * const parts = await lens.openParts(task, { formula: 'sgd', directory: 'shared', level: 'sum', computedBy: runtime });
   * for (let part = 0; part < parts.count; part++) await parts.compute(part); // others compute some of them
   * await parts.close();
   * const kernel = await lens.kernel(task, { formula: 'sgd', directory: 'shared', computedBy: runtime });
   * ```
   * @throws what `kernel` throws before any work
   */
  planParts(task: LensTask, options: PlanPartsOptions): Promise<PlannedParts>;

  /**
   * Opens the parts of a kernel that `planParts` planned with the same options. Its directory is not locked: any number of
   * processes may compute parts, the same ones too.
   *
   * @throws NoPartsError where nothing was planned; OtherRunError for another model or other data; `compute` throws
   *   OtherRuntimeError for a runtime of another name, version or number of threads
   */
  openParts(task: LensTask, options: OpenPartsOptions): Promise<KernelParts>;

  /**
   * The model's predictions without training, with any rule for label words of several tokens: in the first
   * context of demonstrations, averaged over all of them, and calibrated if asked for.
   *
   * @example
   * ```ts
   * const [plain, calibrated] = await lens.zeroShot(task, { calibrate: true });
   * plain.test.accuracy;
   * ```
   * @throws TaskNotPossibleError for a task without a prompt; CancelledError
   */
  zeroShot(
    task: LensTask,
    options?: ZeroShotOptions,
  ): Promise<readonly [ZeroShotMethod, ...ZeroShotMethod[]]>;

  /**
   * Solves a kernel, hyperparameters chosen on dev, and compares with the majority and with zero-shot: `solveKernel`, which
   * needs no session.
   *
   * @example
   * ```ts
   * const { test, chosen, zeroShot } = await lens.solve(kernel, { solver: 'lstsq,svc', ridge: [0, 0.01, 1] });
   * ```
   * @throws BadArgumentError for an unknown solver; what solvers throw on kernels that they cannot take
   */
  solve(kernel: Kernel, options?: SolveOptions): Promise<Solved>;

  /**
   * Solves the kernel of a task without ever writing it out: products with it are passes over the examples, and dev chooses among
   * ridges, or times of gradient flow (docs/theory.md, Products with the kernel). The time and the memory are in proportion to
   * the number of examples, where those of a kernel grow with its square.
   *
   * @example
   * ```ts
   * const { test, chosen, iterations } = await lens.solveMatrixFree(task, { binary: true }, { ridge: [0.01, 0.1] });
   * ```
   * @param choice the kernel, of a linear formula (`sgd`, `adam`)
   * @param options grids, of the solvers `lstsq` (by conjugate gradients) and `gradient-flow`
   * @throws TaskNotPossibleError, FormulaNotAvailableError, BadArgumentError, MemoryBudgetError and ConflictingOptionsError before
   *   any work; ConvergenceError where no candidate converges; CancelledError
   */
  solveMatrixFree(
    task: LensTask,
    choice?: KernelChoice,
    options?: MatrixFreeSolveOptions,
  ): Promise<MatrixFreeSolved>;

  /**
   * Fine-tunes the model on a task, in a space, at every point of a grid; dev chooses the step and the point
   * (docs/theory.md, Fine-tuning). With a directory, an interrupted training goes on, to the same bytes.
   *
   * @example
   * ```ts
   * const tuned = await lens.fineTune(task, { space: 'lora:r=8', optimizer: 'adam', learningRates: [1e-4, 1e-3], steps: 100 });
   * console.log(tuned.grid[tuned.chosen].learningRate, tuned.zeroShot?.test.accuracy, tuned.test.accuracy);
   * const [{ label }] = await lens.predict(tuned, ['I laughed all the way home.']);
   * await tuned.save('tuned'); // tuned/adapter, which PEFT loads
   * ```
   * @throws TaskNotPossibleError, DevelopmentSetError, BadArgumentError and what the space throws, before any work;
   *   OtherTrainingError for a directory that holds another training; DivergedError when every point diverges; CancelledError
   */
  fineTune(task: LensTask, options?: FineTuneOptions): Promise<FineTuned>;

  /**
   * Does the kernel view of fine-tuning hold? Fine-tunes on each sample, computes and solves the kernels that are the
   * analogues of the optimizers, and gives a verdict on every condition (docs/theory.md, Kernel behaviour). With a directory, an
   * interrupted check goes on, and a finished one is read.
   *
   * @example
   * ```ts
   * const tasks = [];
   * for (const seed of [13, 21, 42]) tasks.push(await lens.task('sentiment', { seed }));
   * const { verdicts, findings } = await lens.check(tasks, { optimizers: ['sgd'], directory: 'check' });
   * console.log(verdicts); // { solves: 'holds', linearization: 'holds', … }
   * console.log(findings[0].statistic, findings[0].threshold);
   * ```
   * @param tasks samples of one task; intervals are over them, and need three
   * @throws TaskNotPossibleError for scores and for a task without a prompt, DevelopmentSetError, BadArgumentError and what the
   *   space throws, before any work; OtherRunError for a directory that holds something else; NoDiskError in a page;
   *   DivergedError, CancelledError
   */
  check(tasks: LensTask | readonly LensTask[], options?: CheckOptions): Promise<Check>;

  /**
   * Labels of new texts, by a solved kernel or a fine-tuned model.
   *
   * @example
   * ```ts
   * const solved = await lens.solve(await lens.kernel(task));
   * const [{ label, outputs }] = await lens.predict(solved, ['I laughed all the way home.']);
   * ```
   * @throws NotPredictableError for a kernel that was loaded, or is of another model; what `encode` throws; CancelledError
   */
  predict(
    by: Solved | FineTuned,
    texts: readonly (string | readonly string[])[],
    options?: LongTaskOptions,
  ): Promise<readonly Prediction[]>;

  /** Lets the running call finish, refuses those that wait, and closes the model; the last session closes the runtime. */
  close(): Promise<void>;
}
