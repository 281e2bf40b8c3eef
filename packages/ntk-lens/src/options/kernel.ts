import { type FormulaName, formulaNames, formulas } from '@ntk-lens/kernels/formulas';
import { group, option } from './declare.js';
import { globs, list, number, oneOf, seed, spaces, text, toggle } from './kinds.js';

/** The formula of a run that names none. */
export const defaultFormula = 'sgd' satisfies FormulaName;

const listed = formulaNames.map((name) => `${name}: ${formulas[name].purpose}`).join('; ');

/** Of what, and over which parameters, kernels are taken. */
export const kernel = group('run', 'Kernel', {
  formulas: option(
    '-f, --formula <name,…>',
    list(oneOf(formulaNames)),
    `computes a kernel by each of these formulas. ${listed}`,
    { default: [defaultFormula] },
  ),
  /** State of Adam or AdamW that the formula of its second moment reads. */
  optimizerState: option(
    '--optimizer-state <file>',
    text,
    "takes the second moment v of the formula adam from this state of Adam or AdamW, such as a checkpoint's optimizer.pt",
    { unset: 'v is the mean squared gradient of the cross-entropy over the training examples' },
  ),
  /** JSON list of the names of the state's parameters; absent: they are found from the file. */
  optimizerNames: option(
    '--optimizer-names <file>',
    text,
    "names the state's parameters by a JSON list in its order, where the file only numbers them and their order cannot be found",
  ),
  optimizerBeta2: option(
    '--optimizer-beta2 <x>',
    number({ least: 0, below: 1 }),
    'sets β₂ of the state where the file does not say it',
    { unset: '0.999' },
  ),
  /** Parameter spaces as text, in the language of parseSpace; absent: all parameters. */
  spaces: option(
    '--space <name,…>',
    spaces,
    'takes a kernel over each of these parameter spaces: full, lora:r=8, bitfit, prefix:20, intrinsic:1000, …',
    { unset: 'full' },
  ),
  spaceSeed: option('--space-seed <n>', seed, 'seeds the random initialization of a space', {
    unset: "the sample's seed",
  }),
  /** One output, logit₁ − logit₀, instead of one per label. */
  binary: option('--binary', toggle, 'takes one output for two labels: logit 1 − logit 0', {
    default: false,
    no: [false, 'takes one output per label (default)'],
    identity: 'always',
  }),
  /** Parameters that take part, by globs on Hugging Face names; absent: all. */
  parameters: {
    include: option('--parameters <glob,…>', globs, 'takes only parameters with such names, e.g. "*bias*"', {
      unset: 'all',
      identity: {},
    }),
    exclude: option('--exclude <glob,…>', globs, 'leaves out parameters with such names, e.g. "*embed*"', {
      identity: {},
    }),
  },
  tied: option('--tied', toggle, 'counts a tied decoder and its embeddings as one parameter', {
    default: false,
    unset: 'as two',
    identity: 'always',
  }),
  /** Gradients that are zero but for rounding count in sign kernels, as in the reference. */
  keepNoise: option(
    '--keep-noise',
    toggle,
    'keeps gradients in sign kernels whose value is nothing but rounding',
    { default: false, identity: 'always' },
  ),
  blocks: option(
    '--blocks <layer|parameter>',
    oneOf(['layer', 'parameter']),
    'also writes the kernel of every layer or parameter into blocks/',
  ),
  noPrompt: option(
    '--no-prompt',
    toggle,
    'also takes the kernel without a prompt, whose head is a linear probe on frozen features',
  ),
});
