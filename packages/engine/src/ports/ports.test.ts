import fc from 'fast-check';
import { expect, test } from 'vitest';
import { flattenPorts, mapPorts, type Ports } from './ports.js';

const isLeaf = (value: unknown): boolean => typeof value === 'number';

/** Records and lists of numbers, empty ones and ports without a leaf among them. */
const { structure } = fc.letrec<{ structure: Ports<number> }>((tie) => ({
  structure: fc.oneof(
    { depthSize: 'small' },
    fc.nat(),
    fc.constant(undefined),
    fc.array(tie('structure'), { maxLength: 3 }),
    fc.dictionary(
      fc.string({ minLength: 1 }).filter((key) => !key.includes('/') && key !== '__proto__'),
      tie('structure'),
      { maxKeys: 3 },
    ),
  ),
}));

const leavesOf = (node: Ports<number>): number[] => {
  if (node === undefined) return [];
  return typeof node === 'number' ? [node] : Object.values(node).flatMap(leavesOf);
};

test('a structure is what its flat form is with names in the place of leaves', () => {
  fc.assert(
    fc.property(structure, (ports) => {
      const flat = flattenPorts<number>(ports, isLeaf);
      const names = mapPorts<number, string>(ports, isLeaf, (_, name) => name);
      const back = mapPorts<string, number>(
        names,
        (value) => typeof value === 'string',
        (name) => flat[name]!,
      );
      expect(back).toEqual(ports);
    }),
  );
});

test('no leaf is lost: every one has a name of its own, in order', () => {
  fc.assert(
    fc.property(structure, (ports) => {
      const names: string[] = [];
      mapPorts<number, number>(ports, isLeaf, (leaf, name) => {
        names.push(name);
        return leaf;
      });
      expect(new Set(names).size).toBe(names.length);
      expect(names.map((name) => flattenPorts<number>(ports, isLeaf)[name])).toEqual(leavesOf(ports));
    }),
  );
});

test('names with a separator are refused, and empty ones', () => {
  for (const ports of [
    { 'a/b': 1, a: { b: 2 } },
    { 'a/b': 1 },
    { x: [{ '/': 1 }] },
    { '': 1 },
    { a: { '': 1 } },
  ])
    expect(() => flattenPorts<number>(ports as Ports<number>, isLeaf)).toThrow(/A port is called "/);
  expect(flattenPorts<number>({ a: { b: 2 }, 'a.b': 1 }, isLeaf)).toEqual({ 'a/b': 2, 'a.b': 1 });
});
