import { group, option } from '../../options/declare.js';
import { pair, repeated, text, toggle } from '../../options/kinds.js';
import { taskName } from '../../options/names.js';
import { command, family } from '../command.js';

const list = command({
  name: 'list',
  summary: 'lists all tasks',
  description: 'Lists all tasks.',
  run: async () => {
    const { tasks } = await import('@ntk-lens/tasks');
    const { tasksTable } = await import('../../present/describe-task.js');
    return { result: tasks, shown: [tasksTable(tasks)] };
  },
});

const show = command({
  name: 'show',
  args: ['<name>', 'name or alias', taskName],
  summary: 'shows one task',
  description: 'Shows the prompt of one task, and the places where its files are looked for.',
  run: async ({ args: [name] }) => {
    const { findTask } = await import('@ntk-lens/tasks');
    const { describeTask } = await import('../../present/describe-task.js');
    const task = findTask(name!);
    return { result: task, shown: [await describeTask(task)] };
  },
});

const download = group('command', 'Download', {
  dir: option('--dir <dir>', text, 'writes full data into a folder of the task in this directory', {
    required: true,
  }),
  endpoint: option(
    '--endpoint <from=to...>',
    repeated(pair('FROM=TO, two addresses')),
    'replaces the start of an address, for mirrors',
  ),
  force: option('--force', toggle, 'downloads even what is already there'),
});

const get = command({
  name: 'get',
  args: ['<name>', 'name or alias', taskName],
  summary: "downloads a task's full data",
  description:
    "Downloads a task's full data from their usual public place, checked against known sums; the data are their authors'.",
  options: [download],
  run: async ({ args: [name], flags: { dir, endpoint, force }, long }) => {
    const { downloadTask } = await import('@ntk-lens/tasks');
    const { downloadTable } = await import('../../present/describe-task.js');
    const endpoints = endpoint && Object.fromEntries(endpoint);
    const got = await downloadTask(name!, { dir, endpoints, force, ...long });
    return { result: got, shown: [downloadTable(got, dir)] };
  },
});

export const tasksCommand = family(
  'tasks',
  'lists the tasks that are known, and downloads their public data',
  'Lists the tasks, shows one, or downloads its public data.',
  [list, show, get],
);
