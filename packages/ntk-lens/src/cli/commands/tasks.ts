import { basename } from 'node:path';
import { InvalidArgumentError } from 'commander';
import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';

export const tasksCommand: CommandModule = {
  register(program, context) {
    const tasks = program
      .command('tasks')
      .summary('the tasks that are known, and their public data')
      .description('Lists the tasks, shows one, or downloads its public data.');
    addOutputOptions(tasks.command('list', { isDefault: true }).description('list all tasks')).action(
      async (flags: GlobalFlags) => {
        const { tasks: all } = await import('@ntk-lens/tasks');
        const { renderTerminalTable } = await import('@ntk-lens/report');
        if (flags.json) {
          context.stdout.write(`${JSON.stringify(all)}\n`);
          return;
        }
        const table = {
          columns: [
            { header: 'name' },
            { header: 'task' },
            { header: 'texts' },
            { header: 'label words' },
            { header: 'metric' },
            { header: 'data' },
          ],
          rows: all.map((task) => ({
            cells: [
              task.name,
              task.displayName,
              task.textsPerExample,
              task.labels.map((label) => task.labelWords[label]).join(', '),
              task.metrics[0],
              task.embedded ? 'embedded' : '--data DIR',
            ],
          })),
          notes: ['ntk-lens tasks show NAME prints the prompt and where its files are looked for'],
        };
        context.stdout.write(renderTerminalTable(table, { color: useColor(context.stdout, context.env) }));
      },
    );
    addOutputOptions(
      tasks.command('show').argument('<name>', 'name or alias').description('show one task'),
    ).action(async (name: string, flags: GlobalFlags) => {
      const { findTask } = await import('@ntk-lens/tasks');
      const { describeTask } = await import('../../present/describe-task.js');
      const { renderTerminalTable } = await import('@ntk-lens/report');
      const task = findTask(name);
      if (flags.json) {
        context.stdout.write(`${JSON.stringify(task)}\n`);
        return;
      }
      const color = useColor(context.stdout, context.env);
      context.stdout.write(renderTerminalTable(await describeTask(task), { color }));
    });
    addOutputOptions(
      tasks
        .command('get')
        .argument('<name>', 'name or alias')
        .requiredOption('--dir <dir>', 'directory of full data; the task gets a folder in it')
        .option(
          '--endpoint <from=to...>',
          'start of an address and what takes its place, for mirrors',
          endpoints,
        )
        .option('--force', 'download even what is already there')
        .description(
          "download a task's full data from their usual public place, checked against known sums; the data are their authors'",
        ),
    ).action(async (name: string, flags: GetFlags) => {
      const { downloadTask } = await import('@ntk-lens/tasks');
      const { renderTerminalTable } = await import('@ntk-lens/report');
      const { withProgress } = await import('../with-progress.js');
      const got = await withProgress(context, flags, (options) =>
        downloadTask(name, {
          dir: flags.dir,
          ...(flags.endpoint && { endpoints: flags.endpoint }),
          ...(flags.force && { force: true }),
          ...options,
        }),
      );
      if (flags.json) {
        context.stdout.write(`${JSON.stringify(got)}\n`);
        return;
      }
      const rows = [
        ['directory', got.directory],
        ['files', got.files.map(({ path }) => basename(path)).join(', ')],
        ['from', got.urls.join(', ')],
        ['checked', verifiedText[got.verified]],
        ['homepage', got.homepage],
        ['licence', got.licence],
      ];
      const table = {
        title: got.task,
        columns: [{ header: 'property' }, { header: 'value' }],
        rows: rows.map((cells) => ({ cells: cells as [string, string] })),
        notes: [
          `ntk-lens split --task ${got.task} --original ${flags.dir} --out DIR draws k-shot samples from it`,
        ],
      };
      context.stdout.write(renderTerminalTable(table, { color: useColor(context.stdout, context.env) }));
    });
  },
};

interface GetFlags extends GlobalFlags {
  readonly dir: string;
  readonly endpoint?: Readonly<Record<string, string>>;
  readonly force?: boolean;
}

const verifiedText = {
  published: 'the published checksums hold',
  recorded: 'the checksums of the first download hold',
  first: 'no checksum is published; those of this download are recorded in downloads.lock.json',
  present: 'already there, as they were written',
} as const;

const endpoints = (text: string, before: Readonly<Record<string, string>> = {}): Record<string, string> => {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError('Expected FROM=TO, two addresses.');
  return { ...before, [text.slice(0, at)]: text.slice(at + 1) };
};
