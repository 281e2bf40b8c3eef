import { tf } from '@ntk-lens/engine';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { unitRms } from './differentiated.js';
import { embeddingSite, wordSites } from './embedding.js';
import { type LinearSite, linearSite, linearSites, linearSizes } from './linear.js';
import { type NormSite, normSite, rmsNormSite } from './norm.js';
import { usedShape } from './parameter-ref.js';
import type { Site } from './site.js';
import { plainContext, type SiteContext, type Tensors } from './site-context.js';
import { applySite, fanIn, outSize, siteParameters } from './site-kinds.js';

beforeAll(async () => {
  tf.env().set('PROD', true);
  await tf.setBackend('cpu');
});

const table = { name: 'table', shape: [5, 3] };
const sites = {
  linear: linearSite('dense', 'module', 3, 2),
  key: linearSite('key', 'module', 3, 2, { zeroBias: true }),
  third: {
    kind: 'linear',
    name: 'query',
    weight: { name: 'c_attn.weight', shape: [3, 6], part: { axis: 1, start: 2, size: 2 } },
    bias: { name: 'c_attn.bias', shape: [6], part: { axis: 0, start: 2, size: 2 } },
    inFirst: true,
  },
  decoder: {
    kind: 'linear',
    name: 'decoder',
    weight: { name: 'decoder.weight', shape: [9, 3], part: { rows: [4, 1] } },
  },
  norm: normSite('norm', 'module', 3, 1e-5),
  scale: { kind: 'norm', name: 'scale', scale: { name: 'scale', shape: [3] } },
  gemma: rmsNormSite('rms', 'module', 3, 1e-6, 1),
  words: embeddingSite('words', 'ids', table),
  rows: embeddingSite('rows', 'rows', table),
} as const satisfies Record<string, Site>;
type SiteName = keyof typeof sites;

describe('siteParameters', () => {
  const described = (site: Site) =>
    siteParameters(site).map(({ site: of, ref, ...rest }) => {
      expect(of).toBe(site);
      return { ...rest, parameter: ref.name };
    });
  it.each<[SiteName, object[]]>([
    [
      'linear',
      [
        { role: 'weight', local: 'dense.weight', parameter: 'module.weight', inFirst: false },
        { role: 'bias', local: 'dense.bias', parameter: 'module.bias', zero: false },
      ],
    ],
    [
      'key',
      [
        { role: 'weight', local: 'key.weight', parameter: 'module.weight', inFirst: false },
        { role: 'bias', local: 'key.bias', parameter: 'module.bias', zero: true },
      ],
    ],
    [
      'third',
      [
        { role: 'weight', local: 'query.weight', parameter: 'c_attn.weight', inFirst: true },
        { role: 'bias', local: 'query.bias', parameter: 'c_attn.bias', zero: false },
      ],
    ],
    ['decoder', [{ role: 'weight', local: 'decoder.weight', parameter: 'decoder.weight', inFirst: false }]],
    [
      'norm',
      [
        { role: 'scale', local: 'norm.scale', parameter: 'module.weight', identity: 1 },
        { role: 'shift', local: 'norm.shift', parameter: 'module.bias' },
      ],
    ],
    ['scale', [{ role: 'scale', local: 'scale.scale', parameter: 'scale', identity: 1 }]],
    ['gemma', [{ role: 'scale', local: 'rms.scale', parameter: 'module.weight', identity: 0 }]],
    ['words', [{ role: 'table', local: 'words.table', parameter: 'table', inFirst: true, lookup: 'ids' }]],
    ['rows', [{ role: 'table', local: 'rows.table', parameter: 'table', inFirst: true }]],
  ])('of %s', (name, expected) => {
    expect(described(sites[name])).toEqual(expected);
  });
});

it('sizes are those of the part that is used', () => {
  const sizes = (name: SiteName) => [fanIn(sites[name]), outSize(sites[name])];
  expect(sizes('linear')).toEqual([3, 2]);
  expect(sizes('third')).toEqual([3, 2]);
  expect(sizes('decoder')).toEqual([3, 2]);
  expect(linearSizes(sites.third)).toEqual({ inSize: 3, outSize: 2 });
  expect(linearSizes({ weight: sites.third.weight })).toEqual({ inSize: 2, outSize: 3 });
  expect(sizes('norm')).toEqual([1, 3]);
  expect(sizes('words')).toEqual([1, 3]);
});

it('sites are found by what they are', () => {
  const all = Object.values(sites) as readonly Site[];
  expect(linearSites(all).map(({ name }) => name)).toEqual(['dense', 'key', 'query', 'decoder']);
  expect(wordSites(all).map(({ name }) => name)).toEqual(['words']);
});

const rowsOf = (tensor: tf.Tensor): number[][] => {
  const width = tensor.shape.at(-1)!;
  const data = [...tensor.dataSync()];
  return Array.from({ length: data.length / width }, (_, i) => data.slice(i * width, (i + 1) * width));
};
const expectClose = (
  found: tf.Tensor,
  shape: readonly number[],
  expected: readonly (readonly number[])[],
) => {
  expect(found.shape).toEqual(shape);
  for (const [i, row] of rowsOf(found).entries())
    for (const [j, value] of row.entries()) expect(value).toBeCloseTo(expected[i]![j]!, 4);
};

/** Applies a site to random weights in a context that notes what it is told. */
const applied = (site: Site, x: tf.Tensor, context: SiteContext = plainContext) => {
  const weights: Tensors = Object.fromEntries(
    siteParameters(site).map(({ local, ref }, i) => [
      local,
      tf.randomNormal(usedShape(ref), 0, 1, 'float32', 3 + i),
    ]),
  );
  const told: { name: string; activation: tf.Tensor; output: tf.Tensor }[] = [];
  const y = applySite(
    site,
    {
      ...context,
      site: (name, activation, output) => {
        told.push({ name, activation, output });
        return context.site(name, activation, output);
      },
    },
    weights,
    x,
  );
  expect(told.map(({ name }) => name)).toEqual([site.name]);
  return { y, weights, ...told[0]! };
};

const dot = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, i) => sum + value * b[i]!, 0);

describe('a site computes its formula and reports what enters and leaves', () => {
  const sizes = fc.record({
    n: fc.integer({ min: 1, max: 3 }),
    length: fc.integer({ min: 1, max: 3 }),
    inSize: fc.integer({ min: 1, max: 4 }),
    outSize: fc.integer({ min: 1, max: 4 }),
  });

  it('linear: W a + b at every token, with either order of axes', () => {
    fc.assert(
      fc.property(sizes, fc.boolean(), fc.boolean(), ({ n, length, inSize, outSize }, inFirst, biased) => {
        const { bias, ...plain } = linearSite('dense', 'module', inSize, outSize);
        const site: LinearSite = {
          ...plain,
          weight: { name: 'w', shape: inFirst ? [inSize, outSize] : [outSize, inSize] },
          ...(biased && bias && { bias }),
          ...(inFirst && { inFirst }),
        };
        const x = tf.randomNormal([n, length, inSize], 0, 1, 'float32', 1);
        const { y, weights, activation, output } = applied(site, x);
        const matrix = weights['dense.weight']!;
        const perOutput = rowsOf(inFirst ? matrix.transpose() : matrix);
        const shift = biased ? [...weights['dense.bias']!.dataSync()] : Array<number>(outSize).fill(0);
        const expected = rowsOf(x).map((a) => perOutput.map((w, j) => dot(w, a) + shift[j]!));
        expectClose(y, [n, length, outSize], expected);
        expect(output).toBe(y);
        expect(activation).toBe(x);
      }),
      { numRuns: 40 },
    );
  });

  it('norm: scale times the standardized input, or the input itself, plus shift', () => {
    fc.assert(
      fc.property(sizes, fc.boolean(), fc.boolean(), ({ n, length, inSize }, standardized, shifted) => {
        const { shift, eps, ...plain } = normSite('norm', 'module', inSize, 0.1);
        const site: NormSite = {
          ...plain,
          ...(shifted && shift && { shift }),
          ...(standardized && eps !== undefined && { eps }),
        };
        const x = tf.randomNormal([n, length, inSize], 2, 3, 'float32', 1);
        const { y, weights, activation } = applied(site, x);
        const scale = [...weights['norm.scale']!.dataSync()];
        const add = shifted ? [...weights['norm.shift']!.dataSync()] : scale.map(() => 0);
        const entering = rowsOf(x).map((a) => {
          if (!standardized) return a;
          const mean = dot(
            a,
            a.map(() => 1 / inSize),
          );
          const variance = dot(a, a) / inSize - mean ** 2;
          return a.map((value) => (value - mean) / Math.sqrt(variance + 0.1));
        });
        expectClose(activation, [n, length, inSize], entering);
        expectClose(
          y,
          [n, length, inSize],
          entering.map((a) => a.map((value, j) => scale[j]! * value + add[j]!)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('RMSNorm: scale, or 1 + scale, times the input over its root mean square, with its gradient', () => {
    fc.assert(
      fc.property(sizes, fc.boolean(), ({ n, length, inSize }, fromOne) => {
        const site = rmsNormSite('norm', 'module', inSize, 0.1, fromOne ? 1 : undefined);
        const x = tf.randomNormal([n, length, inSize], 2, 3, 'float32', 1);
        const { y, weights, activation } = applied(site, x);
        const scale = [...weights['norm.scale']!.dataSync()].map((value) => value + (fromOne ? 1 : 0));
        const entering = rowsOf(x).map((a) => a.map((value) => value / Math.sqrt(dot(a, a) / inSize + 0.1)));
        expectClose(activation, [n, length, inSize], entering);
        expectClose(
          y,
          [n, length, inSize],
          entering.map((a) => a.map((value, j) => scale[j]! * value)),
        );
        const dy = tf.randomNormal(x.shape, 0, 1, 'float32', 2);
        const automatic = tf.grad((input: tf.Tensor) =>
          input.div(input.square().mean(-1, true).add(0.1).sqrt()),
        );
        expectClose(
          tf.grad((input: tf.Tensor) => unitRms(input, 0.1))(x, dy),
          x.shape,
          rowsOf(automatic(x, dy)),
        );
      }),
      { numRuns: 40 },
    );
  });

  it('embedding: rows of the table', () => {
    const ids = tf.tensor2d(Int32Array.of(4, 0, 0, 2, 1, 4), [2, 3], 'int32');
    const { y, weights, activation } = applied(sites.words, ids);
    const rows = rowsOf(weights['words.table']!);
    expectClose(
      y,
      [2, 3, 3],
      [4, 0, 0, 2, 1, 4].map((id) => rows[id]!),
    );
    expect(activation).toBe(ids);
  });

  it('embedding of all rows: the whole table for each example', () => {
    const { y, weights, activation } = applied(sites.rows, tf.zeros([2, 7, 3]));
    const rows = rowsOf(weights['rows.table']!);
    expectClose(y, [2, 5, 3], [...rows, ...rows]);
    expect(activation.shape).toEqual([2, 5]);
    expect(activation.dtype).toBe('int32');
    expect([...activation.dataSync()]).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4]);
  });
});

it('a context changes the input of a linear site and the output of any', () => {
  const x = tf.ones([1, 2, 3]);
  const doubled = applied(sites.linear, x, {
    site: (_name, _activation, output) => output.add(10),
    input: (name, input) => {
      expect(name).toBe('dense');
      return input.mul(2);
    },
  });
  const matrix = rowsOf(doubled.weights['dense.weight']!);
  const bias = [...doubled.weights['dense.bias']!.dataSync()];
  const before = matrix.map((w, j) => dot(w, [2, 2, 2]) + bias[j]!);
  expectClose(doubled.output, [1, 2, 2], [before, before]);
  expectClose(
    doubled.y,
    [1, 2, 2],
    [before, before].map((row) => row.map((value) => value + 10)),
  );
  expect([...doubled.activation.dataSync()]).toEqual([2, 2, 2, 2, 2, 2]);
  for (const name of ['norm', 'words'] as const) {
    const input = name === 'words' ? tf.tensor2d([[1, 2]], undefined, 'int32') : x;
    const { y } = applied(sites[name], input, { site: (_name, _activation, output) => tf.zerosLike(output) });
    expect([...y.dataSync()].every((value) => value === 0)).toBe(true);
  }
});

it('a site without its weights is refused by name', () => {
  for (const name of ['linear', 'norm', 'words'] as const)
    expect(() => applySite(sites[name], plainContext, {}, tf.ones([1, 1, 3]))).toThrow(
      `Site ${sites[name].name} was applied without its weights`,
    );
});
