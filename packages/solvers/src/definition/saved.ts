import { SolverJsonError } from '../errors.js';

/** A fitted solver as JSON: everything `predict` needs. Infinite numbers are written as strings. */
export interface SolverJson {
  readonly format: 'ntk-lens-solver';
  readonly version: 1;
  readonly solver: string;
  readonly [field: string]: unknown;
}

/** A field of saved JSON: a number, numbers (of a given length), or a list of objects. */
export type Layout = 'number' | 'numbers' | number | readonly [Readonly<Record<string, Layout>>];

type Fields = Readonly<Record<string, unknown>>;

const mapFields = (value: object, map: (field: unknown) => unknown): Fields =>
  Object.fromEntries(
    Object.entries(value).flatMap(([key, field]) => (field === undefined ? [] : [[key, map(field)]])),
  );

/** Turns typed arrays into lists and infinite numbers into strings, so that JSON keeps them. */
export const encode = (value: unknown): unknown => {
  if (value instanceof Float64Array || value instanceof Int32Array) return Array.from(value, encode);
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  return typeof value === 'object' && value !== null ? mapFields(value, encode) : value;
};

/** Undoes {@link encode}; lists of numbers stay lists. */
const decode = (value: unknown): unknown => {
  if (typeof value === 'string') return /^(-?Infinity|NaN)$/.test(value) ? Number(value) : value;
  if (Array.isArray(value)) return value.map(decode);
  return typeof value === 'object' && value !== null ? mapFields(value, decode) : value;
};

const objectOf = (value: unknown, what: string): Fields => {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SolverJsonError(`${what}: ${JSON.stringify(value)}`, 'an object');
  }
  return value as Fields;
};

/** A field that must be an object. */
export const objectField = (fields: Fields, name: string): Fields => objectOf(fields[name], name);

const isNumber = (value: unknown): boolean => typeof value === 'number';

const readField = (value: unknown, layout: Layout, name: string): unknown => {
  const wrong = (expected: string) => new SolverJsonError(`${name}: ${JSON.stringify(value)}`, expected);
  if (layout === 'number') {
    if (!isNumber(value)) throw wrong('a number');
    return value;
  }
  if (!Array.isArray(value)) throw wrong('a list');
  if (typeof layout === 'object') return value.map((entry) => readFields(objectOf(entry, name), layout[0]));
  if (!value.every(isNumber)) throw wrong('a list of numbers');
  if (layout !== 'numbers' && value.length !== layout) {
    throw new SolverJsonError(`${value.length} numbers in "${name}"`, `${layout}`);
  }
  return Float64Array.from(value);
};

/** The fields of a layout, numbers as typed arrays. */
export const readFields = (fields: Fields, layout: Readonly<Record<string, Layout>>): Fields =>
  Object.fromEntries(
    Object.entries(layout).map(([name, field]) => [name, readField(fields[name], field, name)]),
  );

/** The object that `toJSON` of a solver wrote; throws {@link SolverJsonError} for anything else. */
export const savedSolver = (json: unknown): Fields & { readonly solver: unknown } => {
  const { solver, format, version, ...fields } = objectOf(decode(json), 'JSON');
  if (format !== 'ntk-lens-solver' || version !== 1) {
    throw new SolverJsonError(
      `format ${String(format)}, version ${String(version)}`,
      'format ntk-lens-solver, version 1',
    );
  }
  return { ...fields, solver };
};
