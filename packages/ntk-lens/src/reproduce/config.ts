import type { FormulaName } from '@ntk-lens/kernels/formulas';
import { isDataFile } from '@ntk-lens/lens';
import { optimizerNamed } from '@ntk-lens/subspace/optimizers';
import { findTask, tasks } from '@ntk-lens/tasks';
import type { CheckSettings } from '../options/check.js';
import { ConflictingOptionsError } from '../options/errors.js';
import type { Surroundings } from '../options/layers.js';
import { type PartName, type ProtocolOptimizer, protocolOptimizers } from '../options/reproduce.js';
import type { GivenOptions } from '../options/resolve-config.js';
import { inFieldOrder, type RunConfig } from '../options/run-config.js';
import { resolveCheck } from '../run/check/resolve-check.js';
import { protocolGrid } from '../run/finetune/resolve-fine-tune.js';
import { runsByTask } from '../run/several/runs-by-task.js';

const protocolTasks = 'SST-2,sst-5,mr,cr,mpqa,subj,trec,ag_news,MNLI,SNLI,QNLI,RTE,MRPC,QQP';
const protocolFormulas = ['sgd', 'signgd', 'a-signgd'] as const satisfies readonly FormulaName[];

/** Embedded tasks have examples for few shots. */
const embeddedShots = [16];

const ranks = [1, 2, 4, 8, 16, 32, 64];
const dimensions = [10, 100, 1000, 10_000];
const protocolSpaces = [...ranks.map((r) => `lora:r=${r}`), ...dimensions.map((k) => `intrinsic:${k}`)];

/** Sizes and seeds of the protocol. */
const protocol = { shots: [16, 64, 512], seeds: [13, 21, 42, 87, 100], limitTest: 1000 } as const;

/** Everything that a reproduction is asked to do. */
export interface ReproduceConfig {
  /** Its `task` names all tasks. */
  readonly run: RunConfig;
  /** Settings of trainings, and of the measurements along them. */
  readonly check: CheckSettings;
  readonly optimizers: readonly ProtocolOptimizer[];
  /** Spaces that the part on subspaces compares. */
  readonly spaces: readonly string[];
  readonly parts: readonly PartName[];
  /** Directories of models of several widths, for χ against width. */
  readonly ladder?: readonly string[];
}

/** The options of a reproduction that no other command has. */
export interface ReproduceFlags {
  readonly parts: readonly PartName[];
  /** Default: the optimizers whose kernels are asked for. */
  readonly optimizers?: readonly ProtocolOptimizer[];
  /** The protocol's learning rates and batch sizes, where none are given. */
  readonly grid?: boolean;
  /** Directories of a ladder that `pretrain` wrote, or of models that differ in width. */
  readonly ladder?: readonly string[];
}

/**
 * The settings of a reproduction: the protocol's, with the given ones over them.
 *
 * @example
 * ```ts
 * const config = await resolveReproduce({ task: 'SST-2,mr', data: 'k-shot', shots: [16] }, { steps: 50 }, { parts: ['tables'] });
 * ```
 * @param given options of runs
 * @param settings options of the trainings
 * @throws UnknownTaskError, ConflictingOptionsError, and what reading a project file causes
 */
export const resolveReproduce = async (
  given: GivenOptions,
  settings: Partial<CheckSettings>,
  { parts, optimizers, grid = false, ladder }: ReproduceFlags,
  around?: Surroundings,
): Promise<ReproduceConfig> => {
  const grids: Partial<CheckSettings> = grid
    ? {
        sgdRates: protocolGrid('sgd').learningRates,
        adamRates: protocolGrid('adam').learningRates,
        batchSizes: protocolGrid('sgd').batchSizes,
      }
    : {};
  const resolved = await resolveCheck(given, { ...grids, ...settings }, undefined, around);
  const { sources } = resolved.run;
  const isOpen = (field: keyof RunConfig): boolean =>
    given[field as keyof GivenOptions] === undefined && sources?.[field] === undefined;
  const onData = resolved.run.data !== undefined;
  const embedded = tasks.filter((task) => task.embedded).map(({ name }) => name);
  const { spaces = protocolSpaces, ...fromOptions } = resolved.run;
  const run = inFieldOrder({
    ...fromOptions,
    ...(isOpen('task') && { task: onData ? protocolTasks : embedded.join() }),
    ...(isOpen('shots') && { shots: onData ? [...protocol.shots] : embeddedShots }),
    ...(isOpen('seeds') && { seeds: [...protocol.seeds] }),
    ...(isOpen('formulas') && { formulas: [...protocolFormulas] }),
    ...(isOpen('limitTest') && onData && { limitTest: protocol.limitTest }),
  });
  if (isDataFile(run.data))
    throw new ConflictingOptionsError(
      `\`data\` is a file of one's own: ${run.data}.`,
      'Name a directory that has a folder for every task, or take `ntk-lens run` and `ntk-lens check` for this file.',
    );
  const analogues = protocolOptimizers.filter((name) => {
    const { main, ofTwoLabels } = optimizerNamed(name).kernels;
    return [main, ...ofTwoLabels].some((formula) => run.formulas.includes(formula));
  });
  return { run, check: resolved.check, optimizers: optimizers ?? analogues, spaces, parts, ladder };
};

/** The runs of a reproduction, one for each task, under the names of the registry. */
export const taskRuns = ({ run }: Pick<ReproduceConfig, 'run'>): readonly RunConfig[] =>
  runsByTask(run).map((one) => ({ ...one, task: findTask(one.task).name }));
