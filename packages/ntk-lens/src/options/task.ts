import { group, option } from './declare.js';
import { column, integer, list, mapping, seed, text } from './kinds.js';

/** The model, the task and its samples. */
export const task = group('run', 'Model and task', {
  /** Directory or Hub name; absent for the embedded model. */
  model: option('-m, --model <dir|id>', text, 'takes this model: a directory or a Hugging Face id', {
    unset: 'the embedded minilm-mlm',
  }),
  /** Branch, tag or commit of a model of the Hub. */
  revision: option('--revision <name>', text, 'takes this branch, tag or commit of a Hugging Face model', {
    unset: 'main',
  }),
  task: option('-t, --task <name>', text, 'takes this task; "ntk-lens tasks" lists them', {
    default: 'sentiment',
  }),
  /** Directory with the task's data, or one CSV, TSV or JSON-lines file; absent for an embedded task. */
  data: option(
    '-d, --data <dir|file>',
    text,
    "reads the examples from a k-shot directory in LM-BFF's layout, or from your own .csv, .tsv or .jsonl file; embedded tasks need none",
  ),
  /** Absent for the task's own. */
  template: option('--template <text>', text, "writes prompts by this template in LM-BFF's language", {
    unset: "the task's",
  }),
  /** Label word by label; absent for the task's own. */
  mapping: option(
    '--mapping <json>',
    mapping,
    'takes these label words by label, such as {"0":"terrible","1":"great"}',
    { unset: "the task's" },
  ),
  shots: option('--shots <k,…>', list(integer(1)), 'draws k training examples per label', { default: [16] }),
  seeds: option('--seed, --seeds <n,…>', list(seed), 'draws the k-shot samples by these seeds', {
    default: [42],
    libraryName: 'seed',
  }),
  /** Only the first so many test examples. */
  limitTest: option('--limit-test <n>', integer(1), 'takes only the first n test examples', { identity: {} }),
});

/** How files of one's own are read. */
export const ownData = group('run', 'Own data', {
  /** Columns of the texts in data of one's own: names, or numbers from 0 where there is no header. */
  textColumns: option(
    '--text-columns <name,…>',
    list(column, 2),
    'reads the texts from these one or two columns; numbers count from 0 where there is no header',
    { unset: 'text' },
  ),
  labelColumn: option('--label-column <name>', column, 'reads the label from this column', {
    unset: 'label',
  }),
});
