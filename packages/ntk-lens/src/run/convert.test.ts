import { createHash } from 'node:crypto';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { writeTorchFile } from '@ntk-lens/checkpoints';
import { decodeNpy, ndarray } from '@ntk-lens/core';
import { temporaryDirectory } from '@ntk-lens/testing/temporary-directory';
import { describe, expect, it } from 'vitest';
import { runCli } from '../testing/run-cli.js';

// Made and checked by tooling/reference/make_kernel_files.py.
const fixtures = fileURLToPath(new URL('../../fixtures/torch-kernels', import.meta.url));
const malicious = fileURLToPath(new URL('../../../checkpoints/fixtures/malicious', import.meta.url));
const json = async (file: string) => JSON.parse(await readFile(join(fixtures, file), 'utf8'));
const expected: Record<
  string,
  Record<string, { kernel: Stored; flipped?: Stored; logits?: Stored; labels: number[] }>
> = await json('expected.json');
interface Stored {
  shape: number[];
  data: number[];
}
const splits = ['train', 'dev', 'test'];

const convert = async (...argv: string[]) => {
  const { code, stdout, stderr } = await runCli(['convert', ...argv, '--json']);
  return { code, value: stdout && JSON.parse(stdout), error: stderr && JSON.parse(stderr) };
};
const array = async (file: string): Promise<Stored> => {
  const { shape, data } = decodeNpy(await readFile(file));
  return { shape: [...shape], data: Array.from(data) };
};

describe('files that torch.save made', () => {
  for (const [name, modes] of Object.entries(expected)) {
    it(`${name}: become our layout, number by number, and are solved`, async () => {
      const out = await temporaryDirectory();
      const { code, value } = await convert(join(fixtures, name), '--out', out);
      expect(code).toBe(0);
      expect(value.logits).toBe(name !== 'without-logits');
      for (const split of splits) {
        const { kernel, flipped, logits, labels } = modes[split]!;
        expect(await array(join(out, `${split}.npy`))).toEqual(kernel);
        expect((await array(join(out, `${split}_labels.npy`))).data).toEqual(labels);
        if (flipped) expect(await array(join(out, `${split}_flipped.npy`))).toEqual(flipped);
        if (logits) expect(await array(join(out, `${split}_logits.npy`))).toEqual(logits);
      }
      const solve = async (directory: string) =>
        JSON.parse((await runCli(['solve', directory, '--quiet', '--json', '--solver', 'auto'])).stdout)[0];
      const converted = await solve(out);
      expect(converted.kernel.source).toBe('LM-Kernel-FT');
      expect(converted.scores.kernel.test.accuracy).toBeGreaterThan(0.5);
      // The directory of torch files is solved as it is, to the same result.
      const copy = await temporaryDirectory();
      await cp(join(fixtures, name), copy, { recursive: true });
      expect((await solve(copy)).scores).toEqual(converted.scores);
    });
  }
});

describe('files that we write for torch.load', () => {
  for (const name of ['sgd', 'asymmetric', 'float32', 'without-logits']) {
    it(`${name}: are those that torch has read, and come back as they were`, async () => {
      const parent = await temporaryDirectory();
      const [npy, pt, back] = ['npy', 'pt', 'back'].map((part) => join(parent, part)) as [
        string,
        string,
        string,
      ];
      await convert(join(fixtures, name), '--out', npy);
      const { code } = await convert(npy, '--to', 'pt', '--out', pt);
      expect(code).toBe(0);
      const files = await readdir(pt);
      expect(files.sort()).toEqual((await readdir(join(fixtures, name))).sort());
      if (process.env['NTK_LENS_WRITE_FIXTURES']) {
        await cp(pt, join(fixtures, 'written', name), { recursive: true });
      } else {
        const verified = await json('verified.json');
        for (const file of files) {
          const hash = createHash('sha256')
            .update(await readFile(join(pt, file)))
            .digest('hex');
          expect({ file, hash }).toEqual({ file, hash: verified[`${name}/${file}`] });
        }
      }
      await convert(pt, '--out', back);
      for (const file of (await readdir(npy)).filter((each) => each.endsWith('.npy'))) {
        expect(await readFile(join(back, file))).toEqual(await readFile(join(npy, file)));
      }
    });
  }
});

describe('what is no kernel is refused with exit code 2', () => {
  const refused = async (...argv: string[]): Promise<string> => {
    const out = join(await temporaryDirectory(), 'out');
    const { code, error } = await convert(...argv, '--out', out);
    expect({ code, kind: error.kind }).toEqual({ code: 2, kind: 'input' });
    await expect(readdir(out)).rejects.toThrow();
    return `${error.code}: ${error.message}`;
  };
  const one = ndarray<'float64'>(Float64Array.of(1, 2, 2, 1), [2, 1, 2, 1]);
  const labels = ndarray<'float32'>(Float32Array.of(-1, 1), [2]);
  const file = async (value: Parameters<typeof writeTorchFile>[1], name = 'train_kernels_x.pt') => {
    const path = join(await temporaryDirectory(), name);
    await writeTorchFile(path, value);
    return path;
  };

  it('pickles that ask for more than tensors, of every kind', async () => {
    for (const name of await readdir(malicious)) {
      if (!/^(os-system|eval|exec|import|getattr|open)\./.test(name)) continue;
      const directory = await temporaryDirectory();
      await cp(join(malicious, name), join(directory, 'train_kernels_sst-2.pt'));
      expect(await refused(directory)).toMatch(/^PICKLE_/);
    }
  });
  it('a tensor alone, another shape, labels that do not fit', async () => {
    expect(await refused(await file(one))).toMatch(/found one tensor, expected a pair/);
    const flat = { ...one, shape: [1, 2, 2] };
    expect(await refused(await file([flat, labels]))).toMatch(/shape \[1, 2, 2\]/);
    expect(await refused(await file([one, { ...labels, data: Float32Array.of(0.5, 1) }]))).toMatch(
      /label 0.5/,
    );
    const three = ndarray<'float32'>(Float32Array.of(-1, 1, 1), [3]);
    expect(await refused(await file([one, three]))).toMatch(/labels of shape \[3\]/);
  });
  it('files of different runs, names that say no split, directories without kernels', async () => {
    const directory = await temporaryDirectory();
    for (const task of ['sst-2', 'mr']) {
      await writeTorchFile(join(directory, `train_kernels_${task}.pt`), [one, labels]);
    }
    expect(await refused(directory)).toMatch(/^FOREIGN_KERNELS: .*sst-2|mr/);
    expect(await refused(await file([one, labels], 'kernel.pt'))).toMatch(/a name without a split/);
    expect(await refused(await temporaryDirectory())).toMatch(/^NO_KERNELS/);
    expect(await refused(join(directory, 'none.pt'))).toMatch(/a name without a split/);
    const mixed = await temporaryDirectory();
    await cp(join(fixtures, 'sgd'), mixed, { recursive: true });
    const other = { ...labels, data: Float32Array.of(1, 1) };
    await writeTorchFile(join(mixed, 'train_logits_sst-2.pt'), [one, other]);
    expect(await refused(mixed)).toMatch(/^FOREIGN_KERNELS: .*logits/);
  });
  it('several directories for --to pt, and kernels of no task', async () => {
    const out = await temporaryDirectory();
    await convert(join(fixtures, 'sgd'), '--out', out);
    expect(await refused(out, out, '--to', 'pt')).toMatch(/takes one directory/);
    await rm(join(out, 'manifest.json'));
    expect(await refused(out, '--to', 'pt')).toMatch(/--task/);
  });
  it('but a single file is converted when --split says what it is', async () => {
    const directory = await temporaryDirectory();
    await mkdir(join(directory, 'in'));
    const path = await file([one, labels], 'kernel.pt');
    await rename(path, join(directory, 'in', 'kernel.pt'));
    const out = join(directory, 'out');
    const { code, value } = await convert(join(directory, 'in', 'kernel.pt'), '--split', 'dev', '--out', out);
    expect([code, value.files]).toEqual([0, ['dev.npy', 'dev_labels.npy']]);
    await writeFile(join(directory, 'note'), '');
    expect((await array(join(out, 'dev_labels.npy'))).data).toEqual([0, 1]);
  });
});
