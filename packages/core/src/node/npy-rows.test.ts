import { mkdtemp, open, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { encodeNpy, ndarray, npyHeader, rowBlocks, rowsIn, writeWhole } from '../node.js';
import { openNpyRows } from './npy-rows.js';

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ntk-lens-rows-'));
  file = join(folder, 'array.npy');
});
afterEach(() => rm(folder, { recursive: true }));

const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 });

it('blocks of rows, whatever their size, are the array that encodeNpy wrote', async () => {
  await fc.assert(
    fc.asyncProperty(sizes, fc.integer({ min: 1, max: 200 }), fc.boolean(), async (shape, bytes, single) => {
      const length = shape.reduce((size, n) => size * n, 1);
      const data = Float64Array.from({ length }, (_, i) => (single ? Math.fround(Math.sin(i)) : Math.sin(i)));
      const array = single
        ? ndarray<'float32'>(Float32Array.from(data), shape)
        : ndarray<'float64'>(data, shape);
      await writeFile(file, encodeNpy(array));
      const source = await openNpyRows(file);
      const inMemory = rowsIn(ndarray<'float64'>(data, shape));
      expect(source.arrayShape).toEqual(shape);
      expect(source.shape).toEqual(inMemory.shape);
      for (const rows of [source, inMemory]) {
        const found: number[] = [];
        for await (const block of rowBlocks(rows, bytes)) found.push(...block.data);
        expect(found).toEqual([...data]);
      }
    }),
    { numRuns: 40 },
  );
});

it('a header and rows that are appended are the file that encodeNpy writes', async () => {
  const array = ndarray<'float64'>(Float64Array.of(1, 2, 3, 4, 5, 6), [3, 1, 2, 1]);
  await writeWhole(file, async (append) => {
    await append(npyHeader('float64', array.shape));
    for await (const { data } of rowBlocks(rowsIn(array), 16))
      await append(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  });
  const whole = encodeNpy(array);
  const handle = await open(file, 'r');
  const bytes = Buffer.alloc(whole.length + 1);
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
  await handle.close();
  expect(Buffer.from(whole).equals(bytes.subarray(0, bytesRead))).toBe(true);
});

it('a row beyond the fourth gigabyte is read where it is', async () => {
  // A file with a hole: only its ends take room on the disk.
  const [rows, columns] = [70_000, 8_000];
  const header = npyHeader('float64', [rows, columns]);
  await writeFile(file, header);
  await truncate(file, header.length + rows * columns * 8);
  const handle = await open(file, 'r+');
  await handle.write(
    Uint8Array.from(new Uint8Array(Float64Array.of(42).buffer)),
    0,
    8,
    header.length + 8 * (69_999 * columns + 7),
  );
  await handle.close();
  const source = await openNpyRows(file);
  expect(source.shape).toEqual([rows, columns]);
  const row = await source.read(69_999, 1);
  expect([row[6], row[7], row[8]]).toEqual([0, 42, 0]);
});

it('files of another size, in Fortran order, and that are no arrays are refused by name', async () => {
  await expect(openNpyRows(file)).rejects.toMatchObject({ code: 'FILE_SYSTEM' });
  await writeFile(file, encodeNpy(ndarray<'float64'>(new Float64Array(6), [2, 3])).subarray(0, -8));
  await expect(openNpyRows(file)).rejects.toThrow(/array\.npy: found 40 bytes of data, expected 48/);
  const text = new TextDecoder('latin1').decode(encodeNpy(ndarray<'float64'>(new Float64Array(6), [2, 3])));
  await writeFile(file, Buffer.from(text.replace('False', 'True '), 'latin1'));
  await expect(openNpyRows(file)).rejects.toThrow(/Fortran order.*ascontiguousarray/);
  await writeFile(file, 'PK\u0003\u0004 and more bytes');
  await expect(openNpyRows(file)).rejects.toMatchObject({ code: 'NPY_FORMAT' });
});

it('a file that becomes shorter while it is read is an error, and no rows of zeros', async () => {
  await writeFile(file, encodeNpy(ndarray<'float64'>(Float64Array.of(1, 2, 3, 4), [2, 2])));
  const source = await openNpyRows(file);
  await truncate(file, 150);
  await expect(source.read(1, 1)).rejects.toThrow(/end of the file/);
});
