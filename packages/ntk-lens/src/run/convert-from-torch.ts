import { readdir, stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { fileHash, lockedDirectory, type SplitName, splitNames } from '@ntk-lens/core';
import { aSignGd } from '@ntk-lens/kernels/formulas';
import {
  kernelFiles,
  NoKernelsError,
  RunDirectory,
  readTorchKernels,
  torchFilesIn,
} from '@ntk-lens/lens/stored';
import { findTask } from '@ntk-lens/tasks';

/** The result of a conversion. */
export interface Conversion {
  readonly directory: string;
  readonly task: string | null;
  /** Shapes of the kernels by split. */
  readonly splits: Readonly<Partial<Record<SplitName, readonly number[]>>>;
  /** With flipped kernels: LM-Kernel-FT has them for A-SignGD, its only asymmetric formula. */
  readonly flipped: boolean;
  readonly logits: boolean;
  readonly files: readonly string[];
}

export interface FromTorchOptions {
  readonly out: string;
  /** Split of a single file whose name does not say it. */
  readonly split?: SplitName;
  /** Replace another run in `out`. */
  readonly force?: boolean;
}

const filesBehind = async (paths: readonly string[]): Promise<readonly string[]> => {
  const files: string[] = [];
  for (const path of paths) {
    if (!(await stat(path).catch(() => undefined))?.isDirectory()) {
      files.push(path);
      continue;
    }
    const own = await torchFilesIn(path);
    if (own.length === 0) {
      throw new NoKernelsError(path, '{train,dev,test}_kernels_TASK.pt', await readdir(path));
    }
    files.push(...own);
  }
  return files;
};

/** The project's name of a task and its metrics, where the file name is that of a known task. */
const knownTask = (name: string | undefined): Readonly<Record<string, unknown>> => {
  if (name === undefined) return {};
  try {
    const { name: task, metrics, labels } = findTask(name);
    return { task, metrics, labels };
  } catch {
    return { task: name };
  }
};

/**
 * Kernels and logits that LM-Kernel-FT saved, as a run directory that `solve` takes: `<split>.npy` float64
 * `[train, C, query, C]`, `<split>_flipped.npy` for A-SignGD, `<split>_logits.npy` where there were logits,
 * `<split>_labels.npy` int32, `manifest.json` with the SHA-256 of the sources.
 *
 * @param paths torch files, or directories of them
 * @throws NoKernelsError, ForeignKernelsError, PickleRefusedError for files that ask for anything but tensors,
 *   OtherRunError, RunVersionError, LabelOrderError
 */
export const convertFromTorch = async (
  paths: readonly string[],
  { out, split, force = false }: FromTorchOptions,
): Promise<Conversion> => {
  const files = await filesBehind(paths);
  const { splits, task } = await readTorchKernels(files, split && { split });
  const present = splitNames.flatMap((name) => {
    const own = splits[name];
    return own ? [[name, own] as const] : [];
  });
  if (present.length === 0)
    throw new NoKernelsError(
      paths.join(', '),
      'kernels',
      files.map((f) => basename(f)),
    );
  const sources: Record<string, string> = {};
  for (const file of files) sources[basename(file)] = await fileHash(file);
  const flipped = present.some(([, own]) => own.flipped !== undefined);
  const identity = {
    kernel: {
      kind: 'kernel',
      source: 'LM-Kernel-FT',
      ...knownTask(task),
      ...(flipped && { formula: aSignGd.name }),
      binary: present.every(([, own]) => own.kernel.shape[1] === 1),
      sources,
    },
  };
  const written = kernelFiles({ splits });
  await lockedDirectory(out, async () => {
    const directory = await RunDirectory.open(out, identity, force);
    await directory.finish(written);
  });
  return {
    directory: resolve(out),
    task: task ?? null,
    splits: Object.fromEntries(present.map(([name, own]) => [name, own.kernel.shape])),
    flipped,
    logits: present.every(([, own]) => own.logits !== undefined),
    files: Object.keys(written),
  };
};
