import { didYouMean } from '@ntk-lens/core';
import { z } from 'zod';
import { type Fields, isOption, type ValuesOf } from './declare.js';

type Shape = Readonly<Record<string, z.ZodType>>;

const always = (field: Fields[string]): boolean =>
  isOption(field) && (field.default !== undefined || field.required === true);

/** An object with no other fields than some; the error names the one that was probably meant. */
export const strict = <S extends Shape>(shape: S) =>
  z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      const [key] = issue.keys as string[];
      return `Unrecognized key: "${key}".${didYouMean(key!, Object.keys(shape))}`;
    },
  });

const shapeOf = (fields: Fields, some: boolean): Shape =>
  Object.fromEntries(
    Object.entries(fields).map(([name, field]): [string, z.ZodType] => {
      const schema = isOption(field) ? field.kind.schema(z) : strict(shapeOf(field, false));
      return [name, !some && always(field) ? schema : schema.optional()];
    }),
  );

/** A file with every field that has a default. */
export const schemaOf = <F extends Fields>(fields: F): z.ZodType<ValuesOf<F>> =>
  strict(shapeOf(fields, false)) as unknown as z.ZodType<ValuesOf<F>>;

/** A file with any of the fields, and those of `more`. */
export const partialSchemaOf = <F extends Fields, S extends Shape = Record<never, never>>(
  fields: F,
  more: S = {} as S,
): z.ZodType<Partial<ValuesOf<F>> & { -readonly [K in keyof S]?: z.infer<S[K]> }> =>
  strict({ ...shapeOf(fields, true), ...more }) as never;
