import { z } from 'zod';
import { type Fields, isOption, type ValuesOf } from './declare.js';

const always = (field: Fields[string]): boolean =>
  isOption(field) && (field.default !== undefined || field.required === true);

/** What a file may hold of some fields: no others, and values of their kinds. */
const objectOf = (fields: Fields) =>
  z.strictObject(
    Object.fromEntries(
      Object.entries(fields).map(([name, field]): [string, z.ZodType] => {
        const schema = isOption(field) ? field.kind.schema(z) : objectOf(field);
        return [name, always(field) ? schema : schema.optional()];
      }),
    ),
  );

/** A file with every field that has a default. */
export const schemaOf = <F extends Fields>(fields: F): z.ZodType<ValuesOf<F>> =>
  objectOf(fields) as unknown as z.ZodType<ValuesOf<F>>;

/** A file with any of the fields, and `more` besides. */
export const partialSchemaOf = <F extends Fields>(
  fields: F,
  more: Readonly<Record<string, z.ZodType>> = {},
): z.ZodType<Partial<ValuesOf<F>>> =>
  objectOf(fields).partial().extend(more) as unknown as z.ZodType<Partial<ValuesOf<F>>>;
