import { type FormulaName, formulaNames, formulas } from '@ntk-lens/kernels/formulas';
import { group, option } from './declare.js';
import { globs, list, number, oneOf, path, seed, toggle } from './kinds.js';
import { spaceList } from './names.js';

const purposes = formulaNames.map((name) => `Choose ${name} ${formulas[name].purpose}`).join('. ');
const beta2 = number({ least: 0, below: 1 });

/** By which formulas, and over which parameters, kernels are taken. */
export const kernel = group('run', 'Kernel', {
  formulas: option(
    '-f, --formulas, --formula <name,…>',
    list(oneOf(formulaNames)),
    `computes kernels by formulas. ${purposes}`,
    { default: ['sgd' satisfies FormulaName], libraryName: 'formula' },
  ),
  optimizerState: option(
    '--optimizer-state <file>',
    path,
    "takes v of the formula adam from the state of Adam or AdamW, such as a checkpoint's optimizer.pt",
    'the mean squared gradient of the cross-entropy over the training examples',
  ),
  optimizerNames: option(
    '--optimizer-names <file>',
    path,
    'names the parameters that the state only numbers, by a JSON list',
  ),
  optimizerBeta2: option(
    '--optimizer-beta2 <x>',
    beta2,
    'sets β₂ for a state that does not record it',
    '0.999',
  ),
  /** As text, in the language of parseSpace. */
  spaces: option(
    '--space <name,…>',
    spaceList,
    'takes kernels over spaces: full, lora:r=8, bitfit, prefix:20, …',
    { unset: 'full', libraryName: 'space' },
  ),
  spaceSeed: option(
    '--space-seed <n>',
    seed,
    'seeds the random initialization of a space',
    "the sample's seed",
  ),
  /** One output, logit₁ − logit₀, instead of one per label. */
  binary: option('--binary', toggle, 'takes one output for two labels: logit 1 − logit 0', {
    default: false,
    identity: 'always',
    no: [false, 'takes one output per label (default)'],
  }),
  /** Globs on Hugging Face names. Default: all. */
  parameters: {
    include: option('--parameters <glob,…>', globs, 'takes only parameters of such names, e.g. "*bias*"', {
      unset: 'all',
      identity: 'given',
    }),
    exclude: option('--exclude <glob,…>', globs, 'leaves out parameters of such names, e.g. "*embed*"'),
  },
  tied: option('--tied', toggle, 'counts a tied decoder and its embeddings as one parameter', {
    default: false,
    identity: 'always',
    unset: 'as two',
  }),
  keepNoise: option('--keep-noise', toggle, 'keeps gradients in sign kernels that are zero up to rounding', {
    default: false,
    identity: 'always',
  }),
  blocks: option(
    '--blocks <level>',
    oneOf(['layer', 'parameter']),
    'also writes kernels of every layer or parameter',
  ),
  noPrompt: option(
    '--no-prompt',
    toggle,
    'also computes the kernel without a prompt, with a linear probe as its head',
    {
      libraryName: 'prompt',
    },
  ),
});
