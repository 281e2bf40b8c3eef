import { type PerSplit, perSplit } from '@ntk-lens/core';
import type { LensTask } from '@ntk-lens/lens';
import { RunDirectory } from '@ntk-lens/lens/stored';

/** Name of the file with the texts and labels of a kernel's examples. */
export const examplesName = 'examples.json';

/** An example as `examples.json` holds it: its texts, and its label or score as the data write it. */
export interface StoredExample {
  readonly texts: readonly string[];
  readonly label: string;
}

/** The examples behind the rows and columns of a kernel, in their order. */
export interface StoredExamples extends PerSplit<readonly StoredExample[]> {
  readonly format: 'ntk-lens-examples';
  readonly version: 1;
}

/**
 * Writes `examples.json` of a kernel's directory, unless it is there: the texts to which its rows and columns belong.
 *
 * @throws DiskFullError
 */
export const keepExamples = async (path: string, { sets }: Pick<LensTask, 'sets'>): Promise<void> => {
  const directory = await RunDirectory.read(path);
  if (directory === undefined || directory.has(examplesName)) return;
  const examples: StoredExamples = {
    ...{ format: 'ntk-lens-examples', version: 1 },
    ...perSplit((split) => sets[split].map(({ texts, label }) => ({ texts: [...texts], label }))),
  };
  await directory.finish({ [examplesName]: new TextEncoder().encode(`${JSON.stringify(examples)}\n`) });
};

/**
 * The examples of a kernel's directory; undefined where there are none, as in those of earlier versions.
 *
 * @throws DamagedRunError for a file that is not what was written
 */
export const readExamples = async (path: string): Promise<StoredExamples | undefined> => {
  const directory = await RunDirectory.read(path);
  if (!directory?.has(examplesName)) return undefined;
  return JSON.parse(new TextDecoder().decode(await directory.read(examplesName))) as StoredExamples;
};
