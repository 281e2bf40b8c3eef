import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Example } from '@ntk-lens/core';
import { hasShared, sharedPath } from '@ntk-lens/testing/shared-path';
import { afterAll, describe, expect, it } from 'vitest';
import { goldOf } from '../metrics/evaluate.js';
import { ownFiles } from '../read/own-format.js';
import { parseExamples } from '../read/parse-examples.js';
import { findTask } from '../registry/find-task.js';
import { loadExamples } from './load-examples.js';
import { loadKShot } from './load-k-shot.js';

const directory = mkdtempSync(join(tmpdir(), 'ntk-lens-labels-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe.each(['QNLI', 'RTE'])('%s', (name) => {
  const task = findTask(name);
  const [first, second] = task.files!.formats[0]!.format.textColumns;

  it('has entailment as label 0, read as Yes, and not_entailment as label 1, read as No', () => {
    expect(task.labels).toEqual(['entailment', 'not_entailment']);
    expect(task.labels.map((label) => task.labelWords[label])).toEqual(['Yes', 'No']);
  });

  it('gives the same indices from a GLUE file, a k-shot directory and files of your own', async () => {
    const glue = `index\t${first}\t${second}\tlabel\n0\ta\tb\tnot_entailment\n1\tc\td\tentailment\n2\te\tf\tnot_entailment\n`;
    const file = `${name}.tsv`;
    const read = parseExamples(glue, task.files!.formats[0]!.format, file, { labels: task.labels });
    for (const split of ['train', 'dev', 'test']) writeFileSync(join(directory, `${split}.tsv`), glue);
    const kShot = await loadKShot({ task: name, dataDir: directory });
    const columns = { textColumns: ['p', 'h'], labelColumn: 'y' };
    writeFileSync(
      join(directory, `${name}-own.csv`),
      'y,p,h\nnot_entailment,a,b\nentailment,c,d\nnot_entailment,e,f\n',
    );
    const own = await loadExamples(join(directory, `${name}-own.csv`), { ...columns, labels: task.labels });
    const files = {
      ...task,
      files: ownFiles(name, { ...columns, textColumns: [first!, second!], labelColumn: 'label' }),
    };
    const ownDirectory = await loadKShot({ task: files, dataDir: directory });
    const sets: readonly (readonly Example[])[] = [
      read,
      kShot.train,
      kShot.dev,
      kShot.test,
      own,
      ownDirectory.test,
    ];
    for (const examples of sets) expect(goldOf(task, examples)).toEqual([1, 0, 1]);
  });

  it.skipIf(!hasShared(`data/k-shot/${name}`))(
    'counts the labels of the real k-shot files as their last column says',
    async () => {
      const dataDir = sharedPath('data/k-shot');
      const { train } = await loadKShot({ task: name, dataDir, shots: 16, seed: 13 });
      const lines = readFileSync(join(dataDir, name, '16-13', 'train.tsv'), 'utf8')
        .trim()
        .split('\n')
        .slice(1);
      const last = lines.map((line) => line.trim().split('\t').at(-1));
      expect(last.filter((label) => label === 'entailment')).toHaveLength(16);
      expect(goldOf(task, train)).toEqual(last.map((label) => (label === 'entailment' ? 0 : 1)));
    },
  );
});
