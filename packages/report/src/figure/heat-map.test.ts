import { ndarray } from '@ntk-lens/core';
import fc from 'fast-check';
import { decode } from 'fast-png';
import { expect, it } from 'vitest';
import { colorScale } from './color-scale.js';
import { heatMap } from './heat-map.js';
import { blockMeans, seriate } from './seriation.js';

const side = (label: string, groups: readonly number[]) => ({ label, groups, names: ['no', 'yes', 'both'] });

const draw = (
  data: readonly number[],
  shape: readonly number[],
  rows: readonly number[],
  columns: readonly number[],
) =>
  heatMap({
    ...{ title: '', value: '', values: ndarray(new Float64Array(data), shape) },
    ...{ rows: side('r', rows), columns: side('c', columns) },
  });

interface Shuffled {
  readonly data: readonly number[];
  readonly rows: readonly number[];
  readonly columns: readonly number[];
  readonly rowOrder: readonly number[];
  readonly columnOrder: readonly number[];
}

/** A matrix with labels, and an order in which to give its rows and columns. */
const shuffled: fc.Arbitrary<Shuffled> = fc
  .record({ n: fc.integer({ min: 1, max: 6 }), m: fc.integer({ min: 1, max: 6 }) })
  .chain(({ n, m }) => {
    const labels = (length: number) => fc.array(fc.nat(2), { minLength: length, maxLength: length });
    const order = (length: number) =>
      fc.shuffledSubarray(
        Array.from({ length }, (_, i) => i),
        { minLength: length, maxLength: length },
      );
    return fc.record({
      data: fc.array(fc.double({ min: -9, max: 9, noNaN: true }), { minLength: n * m, maxLength: n * m }),
      ...{ rows: labels(n), columns: labels(m), rowOrder: order(n), columnOrder: order(m) },
    });
  });

/** The matrix as it is drawn, with the means beside it. */
const drawn = (data: readonly number[], rows: readonly number[], columns: readonly number[]) => {
  const matrix = { values: data, rows, columns };
  const order = seriate(matrix);
  const values = order.rows.map((i) => order.columns.map((j) => data[i * columns.length + j]!));
  return { values, means: blockMeans(matrix) };
};

const moved = ({ data, rows, columns, rowOrder, columnOrder }: Shuffled) =>
  [
    rowOrder.flatMap((i) => columnOrder.map((j) => data[i * columns.length + j]!)),
    rowOrder.map((i) => rows[i]!),
    columnOrder.map((j) => columns[j]!),
  ] as const;

it('shows the same in whatever order examples are given', () => {
  fc.assert(
    fc.property(shuffled, (one) => {
      expect(drawn(...moved(one))).toEqual(drawn(one.data, one.rows, one.columns));
    }),
  );
});

it('is the same picture in another order, byte by byte', () => {
  const data = Array.from({ length: 30 }, (_, k) => Math.sin(k * k) / 3);
  const one = { data, rows: [0, 1, 2, 0, 1], columns: [1, 0, 2, 2, 1, 0] };
  const [again, rows, columns] = moved({
    ...one,
    rowOrder: [4, 2, 0, 1, 3],
    columnOrder: [5, 3, 1, 0, 2, 4],
  });
  expect(draw(again, [5, 6], rows, columns) === draw(data, [5, 6], one.rows, one.columns)).toBe(true);
});

it('orders equal scores by their values: an identity matrix is a diagonal from any order', () => {
  for (const order of [
    [0, 1, 2, 3],
    [2, 0, 3, 1],
  ]) {
    const values = [0, 1, 2, 3].flatMap((i) => order.map((j) => (i === j ? 1 : 0)));
    const { rows, columns } = seriate({ values, rows: [0, 0, 0, 0], columns: [0, 0, 0, 0] });
    expect(columns.map((j) => order[j])).toEqual(rows);
  }
});

it('orders by label, and within a label from what resembles it most to what resembles another', () => {
  // Columns of labels 1, 0; the rows' scores toward their own label are 3, 1, −1 and 2, 4.
  const values = [0, 3, 0, 1, 0, -1, 2, 0, 4, 0];
  const { rows, columns } = seriate({ values, rows: [0, 0, 0, 1, 1], columns: [1, 0] });
  expect(rows).toEqual([0, 1, 2, 4, 3]);
  expect(columns).toEqual([1, 0]);
});

const pixelOf = (svg: string, n: number, m: number, i: number, j: number): number[] => {
  const data = /<image[^>]*?data:image\/png;base64,([^"]+)"/.exec(svg)![1]!;
  const png = decode(Buffer.from(data, 'base64'));
  const [y, x] = [Math.floor(((i + 0.5) * png.height) / n), Math.floor(((j + 0.5) * png.width) / m)];
  return [...png.data.subarray((y * png.width + x) * 3, (y * png.width + x) * 3 + 3)];
};

it('draws each value in its place of the order', () => {
  const data = [4, 1, 2, 8, 0, 5];
  const svg = draw(data, [2, 3], [1, 0], [1, 0, 1]);
  const order = seriate({ values: data, rows: [1, 0], columns: [1, 0, 1] });
  const { color } = colorScale(data, 0.01);
  for (const [i, row] of order.rows.entries()) {
    for (const [j, column] of order.columns.entries()) {
      expect(pixelOf(svg, 2, 3, i, j)).toEqual([...color(data[row * 3 + column]!)]);
    }
  }
});

it('shows 0 in the middle of a diverging scale when values are negative', () => {
  const svg = draw([-1, 0, 3], [1, 3], [0], [0, 0, 0]);
  expect(Math.min(...pixelOf(svg, 1, 3, 0, 1))).toBeGreaterThan(250);
  expect(svg).toContain('−3');
});

it('writes the mean of each pair of labels beside the picture and in words', () => {
  const svg = draw([4, 1, 2, 8], [2, 2], [0, 1], [0, 1]);
  expect(svg).toContain('no with no 4; no with yes 1; yes with no 2; yes with yes 8.');
  for (const mean of [4, 1, 2, 8])
    expect(svg).toMatch(new RegExp(`<text [^>]*fill="#(000|fff)"[^>]*>${mean}<`));
});

it('refuses shapes that do not fit and values that are not finite', () => {
  expect(() => draw([1, 2], [2, 1], [0], [0])).toThrow(/expected 2 and 1/);
  expect(() => draw([1, 2], [2], [0], [0])).toThrow(/expected \[n, m\]/);
  expect(() => draw([Number.NaN], [1, 1], [0], [0])).toThrow(/NaN at index 0/);
});
