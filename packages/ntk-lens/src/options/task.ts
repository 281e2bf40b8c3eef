import { group, option } from './declare.js';
import { column, delimiter, integer, list, mapping, path, seed, text } from './kinds.js';
import { modelName, taskName } from './names.js';

/** The model, the task and its samples. */
export const task = group('run', 'Model and task', {
  /** Absent for the embedded model. */
  model: option(
    '-m, --model <dir|id>',
    modelName,
    'takes a model directory or a Hugging Face id',
    'minilm-mlm, embedded',
  ),
  revision: option(
    '--revision <name>',
    text,
    'takes this branch, tag or commit of a Hugging Face model',
    'main',
  ),
  task: option('-t, --task <name>', taskName, 'takes a task that "ntk-lens tasks" lists', {
    default: 'sentiment',
  }),
  /** Absent for an embedded task. */
  data: option(
    '-d, --data <dir|file>',
    path,
    'reads a k-shot directory of LM-BFF, or a .csv, .tsv or .jsonl file',
  ),
  template: option('--template <text>', text, "writes prompts in LM-BFF's template language", "the task's"),
  mapping: option('--mapping <json>', mapping, 'sets label words, e.g. {"0":"bad","1":"good"}', {
    unset: "the task's",
    libraryName: 'words',
  }),
  shots: option('--shots <k,…>', list(integer(1)), 'draws k training examples per label', { default: [16] }),
  seeds: option('--seed, --seeds <n,…>', list(seed), 'draws the k-shot samples by these seeds', {
    default: [42],
    libraryName: 'seed',
  }),
  limitTest: option('--limit-test <n>', integer(1), 'takes only the first n test examples', {
    identity: 'given',
  }),
});

/** How files of one's own are read; columns are numbers from 0 where there is no header. */
export const ownData = group('run', 'Own data', {
  textColumns: option('--text-columns <name,…>', list(column, 2), 'reads texts from these columns', 'text'),
  labelColumn: option('--label-column <name>', column, 'reads labels from this column', 'label'),
  delimiter: option(
    '--delimiter <character>',
    delimiter,
    'parts the cells of a CSV or TSV file, such as ";" or tab',
    {
      unset: 'found in a CSV file: comma, semicolon, tab or bar',
    },
  ),
});
