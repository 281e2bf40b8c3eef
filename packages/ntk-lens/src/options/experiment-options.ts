import type { Command } from 'commander';
import { addFormulaOptions, type FormulaFlags, formulaFields } from './formula-options.js';
import { bytes, globs, integer, integers, oneOf, seeds, spaces } from './parse-value.js';
import { addPromptingOptions, type PromptingFlags, promptingFields } from './prompting-options.js';
import type { GivenOptions } from './resolve-config.js';
import { type SolverFlags, solverFields } from './solver-options.js';

/** Options that `run` and `kernel` share, as commander gives them. */
export interface ExperimentFlags extends PromptingFlags, FormulaFlags {
  readonly model?: string;
  readonly revision?: string;
  readonly task?: string;
  readonly data?: string;
  readonly template?: string;
  readonly mapping?: string;
  readonly shots?: readonly number[];
  readonly seeds?: readonly number[];
  readonly space?: readonly string[];
  readonly spaceSeed?: number;
  readonly binary?: boolean;
  readonly parameters?: readonly string[];
  readonly exclude?: readonly string[];
  readonly tied?: boolean;
  readonly keepNoise?: boolean;
  readonly blocks?: 'layer' | 'parameter';
  /** False with --no-prompt. */
  readonly prompt?: boolean;
  readonly limitTest?: number;
  readonly runtime?: string;
  readonly threads?: number;
  readonly memory?: number;
  readonly batch?: number;
  readonly config?: string;
  readonly out?: string;
  readonly force?: boolean;
}

/** Adds the options that say on which model and task. */
export const addTaskOptions = (command: Command): Command =>
  command
    .optionsGroup('Model and task:')
    .option('-m, --model <dir|id>', 'model directory or Hugging Face id (default: the embedded minilm-mlm)')
    .option('--revision <name>', 'branch, tag or commit of a Hugging Face model (default: main)')
    .option('-t, --task <name>', 'task, see "ntk-lens tasks" (default: sentiment)')
    .option(
      '-d, --data <dir|file>',
      'k-shot directory in the layout of LM-BFF, or your own .csv, .tsv or .jsonl file; not needed for embedded tasks',
    )
    .option('--template <text>', "prompt in LM-BFF's template language (default: the task's)")
    .option(
      '--mapping <json>',
      'label words by label, such as {"0":"terrible","1":"great"} (default: the task\'s)',
    )
    .option('--shots <k,…>', 'training examples per label (default: 16)', integers(1))
    .option('--seed, --seeds <n,…>', 'seeds of the k-shot samples (default: 42)', seeds)
    .option('--limit-test <n>', 'only the first n test examples', integer(1));

/** Adds the options that say what is computed, on what, and where it is written. */
export const addExperimentOptions = (command: Command): Command =>
  addFormulaOptions(addPromptingOptions(addTaskOptions(command)).optionsGroup('Kernel:'))
    .option(
      '--space <name,…>',
      'parameter spaces: full, lora:r=8, bitfit, prefix:20, intrinsic:1000, … (default: full); a kernel for each',
      spaces,
    )
    .option(
      '--space-seed <n>',
      'of what spaces draw at random (default: the seed of the sample)',
      integer(0, 2 ** 32 - 1),
    )
    .option('--binary', 'two labels: one output, logit 1 − logit 0')
    .option('--no-binary', 'one output per label (default)')
    .option('--parameters <glob,…>', 'only parameters with such names, e.g. "*bias*" (default: all)', globs)
    .option('--exclude <glob,…>', 'no parameters with such names, e.g. "*embed*"', globs)
    .option('--tied', 'a tied decoder and its embeddings count as one parameter (default: as two)')
    .option('--keep-noise', 'sign kernels keep gradients that are zero but for rounding')
    .option(
      '--blocks <layer|parameter>',
      'also leave the kernel of every layer or parameter, in blocks/',
      oneOf(['layer', 'parameter']),
    )
    .option(
      '--no-prompt',
      'beside the prompted kernel also that without a prompt, its head a linear probe on frozen features',
    )
    .optionsGroup('Machine:')
    .option('--runtime <name>', 'what computes (default: auto, the fastest that works here)')
    .option('--threads <n>', 'CPU threads (default: all cores)', integer(1))
    .option('--memory <size>', 'memory budget, such as 4GB (default: 4GiB)', bytes)
    .option('--batch <n>', 'most examples per pass', integer(1))
    .optionsGroup('Files:')
    .option('-o, --out <dir>', 'run directory (default: runs/… named after the run)')
    .option('-c, --config <file>', 'replay a config.json; options given besides override it')
    .option('--force', 'take over an output directory that holds another run');

const plainFields = [
  'model',
  'revision',
  'task',
  'data',
  'template',
  'mapping',
  'spaceSeed',
  'binary',
  'limitTest',
  'runtime',
  'threads',
  'memory',
  'batch',
  'tied',
  'keepNoise',
  'blocks',
] as const;

/** Flags as fields of a configuration; those not given are left out. */
export const givenOptions = (flags: ExperimentFlags & SolverFlags): GivenOptions => {
  const { shots, seeds: seedList, space, parameters, exclude } = flags;
  const plain = Object.fromEntries(plainFields.map((name) => [name, flags[name]])) as GivenOptions;
  return {
    ...plain,
    ...promptingFields(flags),
    ...(shots && { shots: [...shots] }),
    ...(seedList && { seeds: [...seedList] }),
    ...((parameters || exclude) && {
      parameters: {
        ...(parameters && { include: [...parameters] }),
        ...(exclude && { exclude: [...exclude] }),
      },
    }),
    ...formulaFields(flags),
    ...(space && { spaces: [...space] }),
    ...solverFields(flags),
    ...(flags.prompt === false && { noPrompt: true }),
  };
};
