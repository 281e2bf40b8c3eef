import { addOutputOptions, type CommandModule, type GlobalFlags } from '../command-module.js';
import { useColor } from '../context.js';

export const tasksCommand: CommandModule = {
  register(program, context) {
    const tasks = program
      .command('tasks')
      .summary('the tasks that are known')
      .description('Lists the tasks, or shows one.');
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
  },
};
