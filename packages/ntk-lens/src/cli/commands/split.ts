import { Option } from 'commander';
import { integer, seeds } from '../../options/parse-value.js';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';
import { withProgress } from '../with-progress.js';

interface Flags extends GlobalFlags {
  readonly task: string;
  readonly original: string;
  readonly out: string;
  readonly shots: number;
  readonly seeds?: readonly number[];
  readonly mode: 'k-shot' | 'k-shot-10x' | 'k-shot-1k-test';
  readonly check?: string;
}

export const splitCommand: CommandModule = {
  register(program, context) {
    const command = program
      .command('split')
      .summary("k-shot samples of a task's full data, to the byte as LM-BFF makes them")
      .description(
        'Draws training and development examples from full data (see "ntk-lens tasks get") and writes them as <out>/<TASK>/<shots>-<seed>/, which "run --data <out>" takes. Prints the md5 sum of every file.',
      )
      .requiredOption('-t, --task <name>', 'task, see "ntk-lens tasks"')
      .requiredOption(
        '--original <dir>',
        "full data: a directory with one folder per task, or the task's own",
      )
      .requiredOption('-o, --out <dir>', 'directory in which the samples are made')
      .option('--shots <k>', 'training examples per label', integer(1), 16)
      .option('--seed, --seeds <n,…>', "seeds (default: LM-BFF's, 100,13,21,42,87)", seeds)
      .addOption(
        new Option(
          '--mode <name>',
          'whole test set, ten times the development examples, or ≤ 1,000 test examples',
        )
          .choices(['k-shot', 'k-shot-10x', 'k-shot-1k-test'])
          .default('k-shot'),
      )
      .option('--check <file>', 'a list of md5 sums, as md5sum writes it, that the files must have');
    addOutputOptions(command).action(async (flags: Flags) => {
      const { splitKShot } = await import('@ntk-lens/tasks');
      const { renderTerminalTable } = await import('@ntk-lens/report');
      const { readChecksums, verifyChecksums } = await import('../../data/checksums.js');
      const { findTask } = await import('@ntk-lens/tasks');
      const task = findTask(flags.task);
      const expected = flags.check === undefined ? undefined : await readChecksums(flags.check);
      const { files, short, missing } = await withProgress(context, flags, (options) =>
        splitKShot({
          task,
          originalDir: flags.original,
          outDir: flags.out,
          shots: flags.shots,
          mode: flags.mode,
          ...(flags.seeds && { seeds: flags.seeds }),
          ...options,
        }),
      );
      const checked = expected && verifyChecksums(files, expected, flags.check!);
      if (flags.json) {
        context.stdout.write(`${JSON.stringify({ task: task.name, files, short, missing, checked })}\n`);
        return;
      }
      const table = {
        title: `${task.name}, ${flags.shots}-shot, ${flags.mode}`,
        columns: [{ header: 'md5' }, { header: 'file' }],
        rows: files.map(({ md5, name }) => ({ cells: [md5, name] })),
        notes: [
          ...(missing === undefined ? [] : [`${missing} is not there: only test sets were written`]),
          ...short.map(
            ({ seed, label, train, dev }) =>
              `label ${label} has too few examples (seed ${seed}): ${train} train, ${dev} dev`,
          ),
          ...(checked === undefined
            ? []
            : [`${checked} of ${files.length} files are in ${flags.check}; their sums hold`]),
        ],
      };
      context.stdout.write(renderTerminalTable(table, { color: useColor(context.stdout, context.env) }));
    });
  },
};
