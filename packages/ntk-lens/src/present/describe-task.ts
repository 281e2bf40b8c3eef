import { basename } from 'node:path';
import type { Table } from '@ntk-lens/report';
import type { DownloadedTask } from '@ntk-lens/tasks';
import { embeddedTask, type TaskSpec } from '@ntk-lens/tasks';

/** One task in full, as a table of properties. */
export const describeTask = async (task: TaskSpec): Promise<Table> => {
  const texts = task.textsPerExample === 1 ? 'one text' : `${task.textsPerExample} texts`;
  const rows: [string, string][] = [
    ['name', [task.name, ...task.aliases].join(', ')],
    ['kind', `${task.kind}, ${texts} per example`],
    ['template', task.template],
    ['label words', task.labels.map((label) => `${label} → ${task.labelWords[label]}`).join(', ')],
    ['metrics', task.metrics.join(', ')],
    ['token limits', limits(task)],
  ];
  if (task.range) rows.push(['scores', `${task.range[0]} to ${task.range[1]}`]);
  if (task.embedded) {
    const { pool, test } = await embeddedTask(task.name);
    rows.push(['data', `embedded: ${pool.length} examples to draw from, ${test.length} for test`]);
    const [example] = pool;
    if (example) rows.push(['example', `${example.texts.join(' / ')} (${example.label})`]);
  } else if (task.files) {
    const { directory, names, formats } = task.files;
    const files = Object.values(names).map(([name]) => `${name}.${formats[0]?.extension}`);
    rows.push(['data', `--data DIR with ${directory}/<shots>-<seed>/{${files.join(',')}}`]);
  }
  return {
    title: task.displayName,
    columns: [{ header: 'property' }, { header: 'value' }],
    rows: rows.map((cells) => ({ cells })),
  };
};

const limits = (task: TaskSpec): string =>
  [
    `prompt ${task.maxLength}`,
    ...(task.firstSentenceLimit === undefined ? [] : [`first sentence ${task.firstSentenceLimit}`]),
    ...(task.otherSentenceLimit === undefined ? [] : [`other sentences ${task.otherSentenceLimit}`]),
  ].join(', ');

/** All tasks, one a row. */
export const tasksTable = (tasks: readonly TaskSpec[]): Table => ({
  columns: ['name', 'texts', 'label words', 'metric', 'data'].map((header) => ({ header })),
  rows: tasks.map((task) => ({
    cells: [
      task.name,
      task.textsPerExample,
      task.labels.map((label) => task.labelWords[label]).join(', '),
      task.metrics[0],
      task.embedded ? 'embedded' : null,
    ],
  })),
  notes: [
    'Tasks without embedded data need --data DIR; ntk-lens tasks get NAME downloads public data.',
    'ntk-lens tasks show NAME prints the prompt and where its files are looked for.',
  ],
});

const verifiedText = {
  published: 'the published checksums hold',
  recorded: 'the checksums of the first download hold',
  first: 'no checksum is published; those of this download are recorded in downloads.lock.json',
  present: 'already there, as they were written',
} as const;

/** Data of a task that were downloaded into `directory`. */
export const downloadTable = (got: DownloadedTask, directory: string): Table => ({
  title: got.task,
  columns: [{ header: 'property' }, { header: 'value' }],
  rows: [
    ['directory', got.directory],
    ['files', got.files.map(({ path }) => basename(path)).join(', ')],
    ['from', got.urls.join(', ')],
    ['checked', verifiedText[got.verified]],
    ['homepage', got.homepage],
    ['licence', got.licence],
  ].map((cells) => ({ cells })),
  notes: [`ntk-lens split --task ${got.task} --original ${directory} --out DIR draws k-shot samples from it`],
});
