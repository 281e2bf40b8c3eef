import { group, option } from '../../options/declare.js';
import { integer, list, oneOf, seed, text } from '../../options/kinds.js';
import { taskName } from '../../options/names.js';
import { command } from '../command.js';

const sampling = group('command', 'Samples', {
  task: option('-t, --task <name>', taskName, 'takes this task; "ntk-lens tasks" lists them', {
    required: true,
  }),
  original: option(
    '--original <dir>',
    text,
    "reads full data from this directory: one with a folder per task, or the task's own",
    { required: true },
  ),
  out: option('-o, --out <dir>', text, 'writes the samples into this directory', { required: true }),
  shots: option('--shots <k>', integer(1), 'draws k training examples per label', { default: 16 }),
  seeds: option('--seed, --seeds <n,…>', list(seed), 'draws samples by these seeds', {
    unset: "LM-BFF's, 100,13,21,42,87",
  }),
  mode: option(
    '--mode <name>',
    oneOf(['k-shot', 'k-shot-10x', 'k-shot-1k-test']),
    'takes the whole test set, ten times the development examples, or at most 1,000 test examples',
    { default: 'k-shot' },
  ),
  limitTest: option(
    '--limit-test <n>',
    integer(1),
    'draws at most n test examples, of all labels where a file is sorted by them',
    'all, or 1000 with k-shot-1k-test',
  ),
  check: option(
    '--check <file>',
    text,
    'compares the files with this list of md5 sums, as md5sum writes it, and fails where one differs',
  ),
});

export const splitCommand = command({
  name: 'split',
  summary: "draws the k-shot samples of a task's full data that LM-BFF draws, byte for byte",
  description:
    'Draws training and development examples from full data (see "ntk-lens tasks get") and writes them as <out>/<TASK>/<shots>-<seed>/, which "run --data <out>" takes. Prints the md5 sum of every file.',
  options: [sampling],
  run: async ({ flags: { task: name, original, out, shots, seeds, mode, limitTest, check }, long }) => {
    const { splitKShot } = await import('@ntk-lens/tasks');
    const { readChecksums, verifyChecksums } = await import('../../data/checksums.js');
    const { findTask } = await import('@ntk-lens/tasks');
    const { splitTable } = await import('../../present/split-table.js');
    const task = findTask(name);
    const expected = check === undefined ? undefined : await readChecksums(check);
    const request = { task, originalDir: original, outDir: out, shots, mode, seeds, limitTest, ...long };
    const { files, short, missing } = await splitKShot(request);
    const checked = expected && verifyChecksums(files, expected, check!);
    const result = { task: task.name, files, short, missing, checked };
    return { result, shown: [splitTable(result, { shots, mode, list: check })] };
  },
});
