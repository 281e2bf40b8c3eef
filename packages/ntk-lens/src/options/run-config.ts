import { type FormulaName, formulaNames } from '@ntk-lens/kernels/formulas';
import { z } from 'zod';

/** The formula of a run that names none. */
export const defaultFormula = 'sgd' satisfies FormulaName;

const labelRules = ['single', 'first', 'mean', 'joint'] as const;
const count = z.int().min(1);
const column = z.union([z.string().min(1), z.int().min(0)]);

/** `config.json`: what a run was asked to do. Nothing is left to a default that another version could change. */
export const runConfigSchema = z.strictObject({
  /** Directory or Hub name; absent for the embedded model. */
  model: z.string().min(1).optional(),
  /** Branch, tag or commit of a model of the Hub. */
  revision: z.string().min(1).optional(),
  task: z.string().min(1),
  /** Directory with the task's data, or one CSV, TSV or JSON-lines file; absent for an embedded task. */
  data: z.string().min(1).optional(),
  /** Columns of the texts in data of one's own: names, or numbers from 0 where there is no header. */
  textColumns: z.array(column).min(1).max(2).optional(),
  labelColumn: column.optional(),
  /** Absent for the task's own. */
  template: z.string().min(1).optional(),
  /** Label word by label; absent for the task's own. */
  mapping: z.record(z.string(), z.string()).optional(),
  /** How words of several tokens are read; absent: single, so that they are refused. */
  labelRule: z.enum(labelRules).optional(),
  /** Demonstrations in every prompt, drawn from the training examples; absent: none. */
  demonstrations: z
    .strictObject({
      perLabel: count,
      seed: z
        .int()
        .min(0)
        .max(2 ** 32 - 1),
      /** Contexts over which zero-shot is averaged; kernels are of the first. */
      samples: count,
      /** Share of the candidates that are kept: those most similar by the model's own embeddings. */
      filter: z.number().gt(0).max(1).optional(),
    })
    .optional(),
  /** Also contextually calibrated zero-shot. */
  calibrate: z.boolean().optional(),
  /** Most tokens of the whole prompt, demonstrations included; absent: the task's, more for demonstrations. */
  maxLength: count.optional(),
  /** Most tokens of the first sentence, and of every other; absent: the task's. */
  firstSentenceLimit: count.optional(),
  otherSentenceLimit: count.optional(),
  /** A prompt that is too long loses its beginning, not its end. */
  truncateHead: z.boolean().optional(),
  shots: z.array(count).min(1),
  seeds: z
    .array(
      z
        .int()
        .min(0)
        .max(2 ** 32 - 1),
    )
    .min(1),
  formulas: z.array(z.enum(formulaNames)).min(1),
  /** State of Adam or AdamW that the formula of its second moment reads; absent: v is from the training examples. */
  optimizerState: z.string().min(1).optional(),
  /** JSON list of the names of the state's parameters; absent: they are found from the file. */
  optimizerNames: z.string().min(1).optional(),
  /** β₂ of the state where its file does not say. */
  optimizerBeta2: z.number().min(0).lt(1).optional(),
  /** Parameter spaces over which kernels are taken, as `--space` names them; absent: all parameters. */
  spaces: z.array(z.string().min(1)).min(1).optional(),
  /** Of what spaces draw at random; absent: the seed of the sample, as fine-tuning takes. */
  spaceSeed: z
    .int()
    .min(0)
    .max(2 ** 32 - 1)
    .optional(),
  /** One output, logit₁ − logit₀, instead of one per label. */
  binary: z.boolean(),
  /** Parameters that take part, by globs on Hugging Face names; absent: all. */
  parameters: z
    .strictObject({
      include: z.array(z.string().min(1)).optional(),
      exclude: z.array(z.string().min(1)).optional(),
    })
    .optional(),
  /** The decoder and the word embeddings as one parameter. */
  tied: z.boolean(),
  /** Gradients that are zero but for rounding count in sign kernels, as in the reference. */
  keepNoise: z.boolean(),
  /** Also store the kernel of every layer or parameter. */
  blocks: z.enum(['layer', 'parameter']).optional(),
  /** Names separated by commas, or `auto`; chosen on dev. */
  solver: z.string().min(1),
  /** Ridge strengths to choose from on dev, relative to the largest singular value. */
  ridge: z.array(z.number().min(0)).min(1),
  /** f₀ scales to choose from on dev; null: f₀ not used. */
  f0Scales: z.array(z.number().positive().nullable()).min(1),
  /** γ and κ of the solver `asym` to choose from; absent: its defaults. */
  gamma: z.array(z.number().positive()).min(1).optional(),
  kappa: z.array(z.number().min(0).max(1)).min(1).optional(),
  /** Losses and stopping times (in 1/λ_max; null: to the end) of `gradient-flow` to choose from. */
  losses: z
    .array(z.enum(['squared', 'cross-entropy']))
    .min(1)
    .optional(),
  times: z.array(z.number().positive().nullable()).min(1).optional(),
  /** Solve kernels with eigenvalues below zero, too. */
  allowIndefinite: z.boolean().optional(),
  /** Besides the prompt's kernels those of the network without a prompt and with a linear-probe head. */
  noPrompt: z.boolean().optional(),
  /** Only the first so many test examples. */
  limitTest: count.optional(),
  runtime: z.string().min(1),
  threads: count.optional(),
  /** Budget in bytes. */
  memory: count.optional(),
  /** Examples per pass. */
  batch: count.optional(),
});

/**
 * What a run is asked to do; written to `config.json` by every run and replayed by `--config`.
 *
 * @example
 * ```ts
 * const config: RunConfig = { ...defaultRunConfig, task: 'topic', seeds: [13, 21] };
 * ```
 */
export type RunConfig = z.infer<typeof runConfigSchema>;

/**
 * The embedded model on `sentiment`, 16-shot, seed 42, SGD kernel, least squares over the protocol's grid
 * (docs/theory.md, Solvers and grids).
 */
export const defaultRunConfig: RunConfig = {
  task: 'sentiment',
  shots: [16],
  seeds: [42],
  formulas: [defaultFormula],
  binary: false,
  tied: false,
  keepNoise: false,
  solver: 'lstsq',
  ridge: [0, 0.001, 0.01, 0.1, 1],
  f0Scales: [10, 100, 1000, 10000, null],
  runtime: 'auto',
};
