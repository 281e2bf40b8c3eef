import type { Table } from '@ntk-lens/report';
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
