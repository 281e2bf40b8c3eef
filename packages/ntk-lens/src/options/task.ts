import { group, option } from './declare.js';
import { column, delimiter, integer, list, mapping, path, seed, text, toggle } from './kinds.js';
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
  template: option(
    '--template <text>',
    text,
    "writes prompts in LM-BFF's template language, with \\n for a newline",
    "the task's; suggested for a file of your own",
  ),
  mapping: option('--mapping <json>', mapping, 'sets label words, e.g. {"0":"bad","1":"good"}', {
    unset: "the task's; suggested for a file of your own",
    libraryName: 'words',
  }),
  shots: option('--shots <k,…>', list(integer(1)), 'draws k training examples per label', {
    default: [16],
    unset: '16, fewer from a file of your own with few examples or many labels',
  }),
  seeds: option('--seed, --seeds <n,…>', list(seed), 'draws the k-shot samples by these seeds', {
    default: [42],
    libraryName: 'seed',
  }),
  limitTest: option(
    '--limit-test <n>',
    integer(1),
    'takes n test examples: the first ones, or random ones from a file of your own',
    {
      unset: 'all; 200 from a file of your own',
      identity: 'given',
    },
  ),
});

/** The same where a command takes several tasks. */
export const severalTasks = {
  ...task,
  fields: {
    ...task.fields,
    task: {
      ...task.fields.task,
      flags: '-t, --task, --tasks <name,…>',
      help: 'takes tasks that "ntk-lens tasks" lists; each of several has a folder of its own',
    },
  },
} satisfies typeof task;

/** Whether tasks that cannot be read are left out. */
export const skipping = group('command', 'Several tasks', {
  skipMissing: option('--skip-missing', toggle, 'leaves out tasks whose data are not there, and names them'),
});

/** The reading of own files; columns are numbers from 0 if there is no header. */
export const ownData = group('run', 'Own data', {
  textColumns: option(
    '--text-columns <name,…>',
    list(column, 2),
    'reads texts from these columns',
    'found in a file',
  ),
  labelColumn: option('--label-column <name>', column, 'reads labels from this column', 'found in a file'),
  delimiter: option(
    '--delimiter <character>',
    delimiter,
    'separates the cells of a CSV or TSV file by this character, such as ";" or tab',
    {
      unset: 'found in a CSV file: comma, semicolon, tab or bar',
    },
  ),
});

/** Whether what is suggested for data of one's own is taken as it is. */
export const suggestions = group('command', 'Suggestions', {
  yes: option(
    '-y, --yes',
    toggle,
    'takes the suggestions for a file of your own without a question on a terminal',
  ),
});
