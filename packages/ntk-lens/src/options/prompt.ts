import { group, option } from './declare.js';
import { integer, number, oneOf, seed, toggle } from './kinds.js';

const count = integer(1);

/** How prompts are made and read. */
export const prompt = group('run', 'Prompt', {
  /** How words of several tokens are read; absent: single, so that they are refused. */
  labelRule: option(
    '--label-rule <name>',
    oneOf(['single', 'first', 'mean', 'joint']),
    'reads label words of several tokens by this rule: single refuses them, first reads their first token, mean and joint read the mean or the sum of their log-probabilities (zero-shot only)',
    { unset: 'single', identity: { plain: 'single' } },
  ),
  /** Demonstrations in every prompt, drawn from the training examples; absent: none. */
  demonstrations: {
    perLabel: option('--demonstrations <n>', count, 'puts n labelled examples per label into every prompt', {
      unset: 'none',
      required: true,
      identity: {},
    }),
    seed: option('--demo-seed <n>', seed, 'draws demonstrations by this seed', { default: 42 }),
    /** Contexts over which zero-shot is averaged; kernels are of the first. */
    samples: option('--demo-samples <m>', count, 'averages zero-shot over m contexts', { default: 1 }),
    /** Share of the candidates that are kept: those most similar by the model's own embeddings. */
    filter: option(
      '--demo-filter <rate>',
      number({ above: 0, most: 1 }),
      "draws demonstrations from this share of the candidates, the most similar by the model's own embeddings",
      { unset: 'all' },
    ),
  },
  /** Most tokens of the whole prompt, demonstrations included. */
  maxLength: option('--max-length <n>', count, 'cuts prompts to n tokens', {
    unset: "the task's, more for demonstrations",
    identity: {},
  }),
  firstSentenceLimit: option('--first-sentence-limit <n>', count, 'cuts the first sentence to n tokens', {
    unset: "the task's",
    identity: {},
  }),
  otherSentenceLimit: option('--other-sentence-limit <n>', count, 'cuts other sentences to n tokens', {
    unset: "the task's",
    identity: {},
  }),
  truncateHead: option(
    '--truncate-head',
    toggle,
    'cuts the beginning, not the end, of a prompt that is too long',
    { identity: { plain: false } },
  ),
  calibrate: option('--calibrate', toggle, 'also shows zero-shot with contextual calibration'),
});
