import { group, option } from './declare.js';
import { integer, number, oneOf, seed, toggle } from './kinds.js';

const count = integer(1);
const share = number({ above: 0, most: 1 });
const ofTask = { unset: "the task's", identity: 'given' } as const;

/** Options of prompts. */
export const prompt = group('run', 'Prompt', {
  labelRule: option(
    '--label-rule <name>',
    oneOf(['single', 'first', 'mean', 'joint']),
    'reads label words of several tokens: single refuses them, first takes the first token, joint the log-probability of the word (of one token, too), mean that per token (zero-shot only)',
    { unset: 'single', identity: 'given' },
  ),
  /** Demonstrations in every prompt, drawn from the training examples. Default: none. */
  demonstrations: {
    perLabel: option('--demonstrations <n>', count, 'puts n labelled examples per label into every prompt', {
      unset: 'none',
      required: true,
      identity: 'given',
    }),
    seed: option('--demo-seed <n>', seed, 'draws demonstrations by this seed', { default: 42 }),
    /** Kernels are of the first. */
    samples: option('--demo-samples <m>', count, 'averages zero-shot over m contexts', { default: 1 }),
    filter: option(
      '--demo-filter <rate>',
      share,
      'draws demonstrations from this share of the candidates, the most similar ones',
      'all',
    ),
  },
  maxLength: option('--max-length <n>', count, 'cuts prompts, demonstrations included, to n tokens', ofTask),
  firstSentenceLimit: option(
    '--first-sentence-limit <n>',
    count,
    'cuts the first sentence to n tokens',
    ofTask,
  ),
  otherSentenceLimit: option('--other-sentence-limit <n>', count, 'cuts other sentences to n tokens', ofTask),
  truncateHead: option('--truncate-head', toggle, 'cuts long prompts at their beginning', {
    identity: 'given',
  }),
  calibrate: option('--calibrate', toggle, 'also shows zero-shot with contextual calibration'),
});
