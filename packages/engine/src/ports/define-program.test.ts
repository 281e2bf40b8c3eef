import { type NDArray, ndarray } from '@ntk-lens/core';
import * as tf from '@ntk-lens/tfjs';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BadProgramInputError } from '../errors.js';
import { createRuntime } from '../node/create-runtime.js';
import type { TensorSpec } from '../program.js';
import type { Resident, Runtime } from '../runtime.js';
import { floats } from '../testing/arbitraries.js';
import { defineProgram } from './define-program.js';

let compiled: Runtime;
let eager: Runtime;
beforeAll(async () => {
  compiled = await createRuntime({ runtime: 'ort-cpu', threads: 1 });
  eager = await createRuntime({ runtime: 'tfjs-cpu' });
});
afterAll(async () => {
  await compiled.close();
  await eager.close();
});

const vector = (size: number): TensorSpec => ({ dtype: 'float32', shape: [size] });
const upload = (runtime: Runtime, values: readonly number[]): Promise<Resident> =>
  runtime.upload(ndarray<'float32'>(Float32Array.from(values), [values.length]));
const list = ({ data }: NDArray): number[] => [...data];

interface SumSettings {
  readonly size: number;
  readonly terms: number;
  readonly shifted: boolean;
  readonly factors: readonly number[];
}

let builds = 0;

/** Σ terms (+ shift), times each factor; and every term doubled. */
const sums = defineProgram(({ terms }: SumSettings) => `sum of ${terms}`, {
  inputs: ({ size, terms, shifted }) => ({
    terms: Array.from({ length: terms }, () => vector(size)),
    start: { at: vector(size) },
    shift: shifted ? vector(size) : undefined,
  }),
  build: ({ terms, start, shift }, { factors }) => {
    builds++;
    const total = terms.reduce((sum, term) => sum.add(term), start.at);
    const moved = shift ? total.add(shift) : total;
    return {
      total: moved,
      multiples: factors.map((factor) => tf.mul(moved, factor)),
      doubled: { terms: terms.map((term) => ({ y: term.mul(2) })), shift: shift?.mul(2) },
    };
  },
});

describe('a program of structures', () => {
  it.each(['compiled', 'eager'] as const)(
    'takes and gives lists, records and optional ports, %s',
    async (where) => {
      const runtime = where === 'compiled' ? compiled : eager;
      const program = sums({ size: 2, terms: 2, shifted: true, factors: [3, -1] });
      const terms = [await upload(runtime, [1, 2]), await upload(runtime, [10, 20])];
      const start = { at: await upload(runtime, [100, 200]) };
      const shift = await upload(runtime, [1000, 2000]);
      const found = await program.compute(runtime, { terms, start, shift });
      expect(list(found.total)).toEqual([1111, 2222]);
      expect(found.multiples.map(list)).toEqual([
        [3333, 6666],
        [-1111, -2222],
      ]);
      expect(found.doubled.terms.map(({ y }) => list(y))).toEqual([
        [2, 4],
        [20, 40],
      ]);
      expect(list(found.doubled.shift!)).toEqual([2000, 4000]);

      const made = await program.run(runtime, { terms, start, shift });
      expect(list(await runtime.download(made.multiples[1]!))).toEqual([-1111, -2222]);
      expect(list(await runtime.download(made.doubled.terms[1]!.y))).toEqual([20, 40]);
      runtime.release([
        made.total,
        ...made.multiples,
        ...made.doubled.terms.map(({ y }) => y),
        made.doubled.shift!,
      ]);
      runtime.release([...terms, start.at, shift]);
      expect(runtime.residentBytes).toBe(0);
    },
  );

  it.each(['compiled', 'eager'] as const)(
    'takes and gives empty lists and absent ports, %s',
    async (where) => {
      const runtime = where === 'compiled' ? compiled : eager;
      const start = { at: await upload(runtime, [1, 2, 3]) };
      const program = sums({ size: 3, terms: 0, shifted: false, factors: [] });
      const made = await program.compute(runtime, { terms: [], start, shift: undefined });
      expect(list(made.total)).toEqual([1, 2, 3]);
      expect(made).toMatchObject({ multiples: [], doubled: { terms: [] } });
      expect(made.doubled.shift).toBeUndefined();
      runtime.release([start.at]);
    },
  );

  it('tells the names of its tensors before any run, and they are those of the flat program', () => {
    const program = sums({ size: 7, terms: 1, shifted: false, factors: [1.5] });
    expect(program.inputs).toEqual({ terms: ['terms/0'], start: { at: 'start/at' }, shift: undefined });
    expect(Object.keys(program.flat.inputs)).toEqual(['terms/0', 'start/at']);
    const before = builds;
    const names = program.results;
    expect(names).toEqual({
      total: 'total',
      multiples: ['multiples/0'],
      doubled: { terms: [{ y: 'doubled/terms/0/y' }], shift: undefined },
    });
    // Known from then on.
    expect(sums({ size: 7, terms: 1, shifted: false, factors: [1.5] }).results).toEqual(names);
    expect(builds - before).toBe(1);
  });

  it('refuses structures that are not the ones it takes', async () => {
    const program = sums({ size: 2, terms: 1, shifted: true, factors: [] });
    expect(program.flat.name).toBe('sum of 1');
    const a = await upload(compiled, [1, 2]);
    const wrong = await upload(compiled, [1, 2, 3]);
    const start = { at: a };
    await expect(program.run(compiled, { terms: [], start, shift: a })).rejects.toBeInstanceOf(
      BadProgramInputError,
    );
    await expect(program.run(compiled, { terms: [a, a], start, shift: a })).rejects.toThrow(/terms\/1/);
    await expect(program.run(compiled, { terms: [a], start, shift: undefined })).rejects.toThrow(/shift/);
    await expect(program.run(compiled, { terms: [wrong], start, shift: a })).rejects.toThrow(
      /terms\/0.*\[3\]/s,
    );
    compiled.release([a, wrong]);
  });

  it('refuses names with a separator, in and out', () => {
    const input = defineProgram('input', {
      inputs: (_: null) => ({ 'a/b': vector(1) }),
      build: ({ 'a/b': x }) => ({ y: x }),
    });
    expect(() => input(null)).toThrow(/called "a\/b"/);
    const output = defineProgram('output', {
      inputs: (_: null) => ({ x: vector(1) }),
      build: ({ x }) => ({ 'a/b': x }),
    });
    expect(() => output(null).results).toThrow(/called "a\/b"/);
  });

  it('hands on what is asked of its work memory, and whether it is elementwise', () => {
    const define = defineProgram('asks', {
      inputs: (_: { readonly keep: number; readonly flat: boolean }) => ({ x: vector(1) }),
      build: ({ x }) => ({ y: x.neg() }),
      keepWorkspace: ({ keep }) => keep,
      elementwise: ({ flat }) => flat,
    });
    expect(define({ keep: 12, flat: true }).flat).toMatchObject({ keepWorkspace: 12, elementwise: true });
    expect(define({ keep: 12, flat: false }).flat).toMatchObject({ elementwise: false });
    const silent = sums({ size: 1, terms: 0, shifted: false, factors: [] }).flat;
    expect(silent).toMatchObject({ keepWorkspace: undefined, elementwise: undefined });
  });
});

describe('compilation', () => {
  /** How often the function of `sums` is traced while some programs run, compiled. */
  const tracesOf = async (...settings: readonly SumSettings[]): Promise<number> => {
    const before = builds;
    for (const one of settings) {
      const terms: Resident[] = [];
      for (let i = 0; i < one.terms; i++) terms.push(await upload(compiled, Array(one.size).fill(1)));
      const start = { at: await upload(compiled, Array(one.size).fill(1)) };
      const shift = one.shifted ? await upload(compiled, Array(one.size).fill(1)) : undefined;
      const { total, multiples } = await sums(one).compute(compiled, { terms, start, shift });
      const expected = 1 + one.terms + Number(one.shifted);
      expect(list(total)).toEqual(Array(one.size).fill(expected));
      expect(multiples.map((multiple) => multiple.data[0])).toEqual(
        one.factors.map((factor) => factor * expected),
      );
      compiled.release([...terms, start.at, ...(shift ? [shift] : [])]);
    }
    return builds - before;
  };
  const settings: SumSettings = { size: 4, terms: 2, shifted: true, factors: [2, 5] };

  it('is shared by programs of equal settings, and is not by others', async () => {
    expect(await tracesOf(settings, settings, structuredClone(settings))).toBe(1);
    expect(await tracesOf(settings)).toBe(0);
    const others: readonly SumSettings[] = [
      { ...settings, factors: [2, 6] },
      { ...settings, factors: [5, 2] },
      { ...settings, factors: [2] },
      { ...settings, size: 5 },
      { ...settings, terms: 3 },
      { ...settings, shifted: false },
    ];
    expect(await tracesOf(...others)).toBe(others.length);
    expect(await tracesOf(...others, settings)).toBe(0);
  });

  it('is not shared by definitions, whatever their names are', async () => {
    const define = (factor: number) =>
      defineProgram('times', {
        inputs: (_: null) => ({ x: vector(1) }),
        build: ({ x }) => ({ y: x.mul(factor) }),
      });
    const x = await upload(compiled, [7]);
    expect(list((await define(2)(null).compute(compiled, { x })).y)).toEqual([14]);
    expect(list((await define(3)(null).compute(compiled, { x })).y)).toEqual([21]);
    compiled.release([x]);
  });

  it('goes by the identity of objects that have one', async () => {
    interface Shape {
      readonly identity: string;
      readonly f: (x: tf.Tensor) => tf.Tensor;
    }
    const apply = defineProgram('apply', {
      inputs: (_: Shape) => ({ x: vector(2) }),
      build: ({ x }, { f }) => ({ y: f(x) }),
    });
    const square: Shape = { identity: 'square', f: (x) => x.square() };
    const negated: Shape = { identity: 'negated', f: (x) => x.neg() };
    const x = await upload(compiled, [2, 3]);
    expect(list((await apply(square).compute(compiled, { x })).y)).toEqual([4, 9]);
    expect(list((await apply(negated).compute(compiled, { x })).y)).toEqual([-2, -3]);
    compiled.release([x]);
  });

  it('refuses settings that hold a function', () => {
    const apply = defineProgram('apply', {
      inputs: (_: { readonly f: (x: tf.Tensor) => tf.Tensor }) => ({ x: vector(2) }),
      build: ({ x }, { f }) => ({ y: f(x) }),
    });
    expect(() => apply({ f: (x) => x.neg() })).toThrow(/settings\.f is a function/);
  });
});

it('compiled and eager runs agree', async () => {
  const cases = fc
    .record({
      terms: fc.nat({ max: 3 }),
      shifted: fc.boolean(),
      factors: fc.array(fc.integer({ min: -3, max: 3 })),
    })
    .chain((settings) =>
      fc.record({
        settings: fc.constant({ ...settings, factors: settings.factors.slice(0, 3) }),
        arrays: fc.array(floats([3]), { minLength: settings.terms + 2, maxLength: settings.terms + 2 }),
      }),
    );
  await fc.assert(
    fc.asyncProperty(cases, async ({ settings, arrays }) => {
      const results: unknown[] = [];
      for (const runtime of [compiled, eager]) {
        const [at, last, ...terms] = (await Promise.all(
          arrays.map((array) => upload(runtime, list(array))),
        )) as [Resident, Resident, ...Resident[]];
        const shift = settings.shifted ? last : undefined;
        const found = await sums({ size: 3, ...settings }).compute(runtime, { terms, start: { at }, shift });
        results.push(JSON.parse(JSON.stringify(found)));
        runtime.release([at, last, ...terms]);
        expect(runtime.residentBytes).toBe(0);
      }
      expect(results[0]).toEqual(results[1]);
    }),
    { numRuns: 20 },
  );
});
