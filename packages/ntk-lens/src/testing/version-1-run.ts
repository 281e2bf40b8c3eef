import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeNpy, ndarray, type SplitName, splitNames, writeSealedJson } from '@ntk-lens/core';

const counts = { train: 4, dev: 4, test: 6 } as const;

/** Two classes of examples: inner products of (1, ±1), plus a little that tells examples apart. */
const feature = (split: SplitName, i: number): readonly number[] => [
  1,
  i % 2 === 0 ? 1 : -1,
  0.1 * Math.sin(i + split.length),
];

/** The files of kernels of two logits, K = δ_cc' ⟨x, x'⟩, with logits and labels. */
const filesOf = (): Record<string, Uint8Array> => {
  const files: Record<string, Uint8Array> = {};
  for (const split of splitNames) {
    const [n, m] = [counts.train, counts[split]];
    const kernel = new Float64Array(n * 2 * m * 2);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < m; j++)
        for (let c = 0; c < 2; c++) {
          const [a, b] = [feature('train', i), feature(split, j)];
          kernel[((i * 2 + c) * m + j) * 2 + c] = a.reduce((sum, x, k) => sum + x * b[k]!, 0);
        }
    const logits = Float64Array.from({ length: m * 2 }, (_, i) => 0.1 * Math.cos(i));
    files[`${split}.npy`] = encodeNpy(ndarray<'float64'>(kernel, [n, 2, m, 2]));
    files[`${split}_logits.npy`] = encodeNpy(ndarray<'float64'>(logits, [m, 2]));
    const labels = Int32Array.from({ length: m }, (_, j) => j % 2);
    files[`${split}_labels.npy`] = encodeNpy(ndarray<'int32'>(labels, [m]));
  }
  return files;
};

/** Identity of kernels as version 1 recorded it. */
export const version1Identity = {
  kind: 'kernel',
  task: 'SST-2',
  shots: 2,
  seed: 42,
  template: '*cls**sent_0*_It_was*mask*.*sep+*',
  labelWords: { 0: 'terrible', 1: 'great' },
  labels: ['0', '1'],
  metrics: ['accuracy'],
  formula: 'sgd',
  binary: false,
  space: 'full',
  tied: false,
  keepNoise: false,
  dataHash: 'd'.repeat(64),
  modelHash: 'm'.repeat(64),
} as const;

/**
 * Writes a run directory by hand, as a program of version 1 left it, or one of another version.
 *
 * @param unlisted files that the manifest does not list, of a run that was not finished
 */
export const writeVersion1Run = async (
  directory: string,
  {
    kernel = version1Identity,
    version = 1,
    unlisted = [],
    files = filesOf(),
  }: {
    readonly kernel?: Readonly<Record<string, unknown>>;
    readonly version?: number;
    readonly unlisted?: readonly string[];
    readonly files?: Readonly<Record<string, Uint8Array>>;
  } = {},
): Promise<void> => {
  const listed: Record<string, { bytes: number; sha256: string }> = {};
  for (const [name, bytes] of Object.entries(files)) {
    const path = join(directory, name);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, bytes);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    if (!unlisted.includes(name)) listed[name] = { bytes: bytes.length, sha256 };
  }
  await mkdir(directory, { recursive: true });
  const environment = { runtime: 'ort-cpu', version: '1', dtype: 'float32', threads: 1 };
  const manifest = { format: 'ntk-lens-run', version, kernel, environment, files: listed };
  const file = join(directory, 'manifest.json');
  if (version < 3) await writeFile(file, JSON.stringify(manifest));
  else await writeSealedJson(file, manifest);
};
