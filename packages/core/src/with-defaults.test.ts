import fc from 'fast-check';
import { expect, expectTypeOf, it } from 'vitest';
import { withDefaults } from './with-defaults.js';

interface Schedule {
  readonly decay?: 'linear' | 'constant';
  readonly warmUpSteps?: number;
  readonly name?: string;
}

it('undefined stands for a field that was left out; null, false, 0 and the empty text are values', () => {
  const defaults = { a: 1, b: true, c: 'x', d: [2], e: 3 };
  const given = { a: 0, b: false, c: '', d: null, e: undefined };
  expect(withDefaults(defaults, given)).toEqual({ a: 0, b: false, c: '', d: null, e: 3 });
  expect(withDefaults(defaults)).toEqual(defaults);
});

it('fields with a default are not optional in the result, the others stay so', () => {
  const given: Schedule | undefined = { warmUpSteps: 10 };
  const found = withDefaults({ decay: 'linear', warmUpSteps: 0 }, given);
  expectTypeOf(found.decay).toEqualTypeOf<'linear' | 'constant'>();
  expectTypeOf(found.warmUpSteps).toEqualTypeOf<number>();
  expectTypeOf(found.name).toEqualTypeOf<string | undefined>();
});

const record = fc.dictionary(
  fc.oneof(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), fc.string({ maxLength: 3 })),
  fc.option(fc.oneof(fc.integer(), fc.boolean(), fc.string(), fc.constant(null)), { nil: undefined }),
);

it('every field is the given one where that is not undefined, else the default; arguments stay as they were', () =>
  fc.assert(
    fc.property(record, record, (defaults, given) => {
      const before = structuredClone([defaults, given]);
      const found = withDefaults(defaults, given) as Record<string, unknown>;
      const own = (of: object, key: string): unknown =>
        Object.hasOwn(of, key) ? (of as Record<string, unknown>)[key] : undefined;
      for (const key of [...Object.keys(defaults), ...Object.keys(given)])
        expect(own(found, key)).toBe(own(given, key) === undefined ? own(defaults, key) : own(given, key));
      for (const key of Object.keys(found))
        expect(Object.hasOwn(defaults, key) || own(given, key) !== undefined).toBe(true);
      expect([defaults, given]).toEqual(before);
    }),
  ));
