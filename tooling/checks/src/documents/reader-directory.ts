import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { tinyModel } from '@ntk-lens/testing/tiny-model';
import { writeAdamState } from '../../../../packages/ntk-lens/src/testing/adam-state.js';

const packages = fileURLToPath(new URL('../../../../packages', import.meta.url));

const sentences = [
  ['a gentle , funny film .', 'warm and very funny .', 'a joy from start to end .', 'great acting .'],
  ['two hours of noise .', 'a dull , endless film .', 'the plot is a mess .', 'bad jokes .'],
] as const;

/** `size` sentences of a label, which differ from each other. */
const texts = (label: 0 | 1, size: number, from = 0): string[] =>
  Array.from({ length: size }, (_, i) => `${sentences[label][i % 4]} take ${from + i}`);

const rows = (size: number, from: number, row: (text: string, label: 0 | 1) => string): string =>
  [0, 1]
    .flatMap((label) => texts(label as 0 | 1, size, from).map((text) => row(text, label as 0 | 1)))
    .join('');

const glue = (size: number, from: number): string =>
  `sentence\tlabel\n${rows(size, from, (text, label) => `${text}\t${label}\n`)}`;
const numbered = (size: number, from: number): string =>
  rows(size, from, (text, label) => `${label},${text.replaceAll(',', '')}\n`);
const scored = (size: number, from: number): string =>
  ['index\tgenre\tfilename\tyear\told_index\tsource1\tsource2\tsentence1\tsentence2\tscore\n']
    .concat(texts(0, size, from).map((text, i) => `${i}\tg\tf\ty\t${i}\ta\tb\t${text}\t${text}\t${i % 6}\n`))
    .join('');
const mails = (size: number, from: number): string =>
  `kind,body\n${rows(size, from, (text, label) => `${['ham', 'spam'][label]},${text.replaceAll(',', '')}\n`)}`;

/** Samples with 4 and 16 examples of each label. */
export const shots = [4, 16];
const seeds = [13, 21, 42, 87, 100];

/**
 * Makes the directory that the documents take for granted: models, samples and files of one's own under the names that
 * they use. The models are tiny ones.
 */
export const readerDirectory = async (): Promise<string> => {
  const home = await temporaryDirectory();
  const write = async (name: string, text: string) => {
    await mkdir(dirname(join(home, name)), { recursive: true });
    await writeFile(join(home, name), text);
  };
  for (const name of ['roberta-base', 'my-model', 'checkpoint-500', 'models/roberta-base'])
    await tinyModel(join(home, name));
  await writeAdamState(join(home, 'checkpoint-500/optimizer.pt'), join(home, 'checkpoint-500'));
  for (const data of ['data/k-shot', 'k-shot', 'DIR', 'DIR-1k']) {
    for (const shot of shots) {
      for (const seed of seeds) {
        const sets = [
          ['train', shot, 0],
          ['dev', shot, 100],
          ['test', 3, 200],
        ] as const;
        for (const [set, size, from] of sets) {
          await write(`${data}/SST-2/${shot}-${seed}/${set}.tsv`, glue(size, from));
          await write(`${data}/STS-B/${shot}-${seed}/${set}.tsv`, scored(2 * size, from));
          for (const name of ['mr', 'subj'])
            await write(`${data}/${name}/${shot}-${seed}/${set}.csv`, numbered(size, from));
        }
      }
    }
  }
  await write('data/original/mr/train.csv', numbered(40, 0));
  await write('data/original/mr/test.csv', numbered(3, 100));
  for (const name of ['mails', 'tickets']) await write(`${name}.csv`, mails(40, 0));
  for (const set of ['train', 'dev', 'test']) await write(`mail/${set}.csv`, mails(2, 0));
  await write('more.csv', 'ham;x;a gentle film\nspam;y;noise\n');
  await cp(join(packages, 'ntk-lens/fixtures/torch-kernels/sgd'), join(home, 'kernels/SST-2'), {
    recursive: true,
  });
  return home;
};
