import { SolverJsonError } from './errors.js';

/** Turns typed arrays into lists and infinite numbers into strings, so that JSON keeps them. */
export const encode = (value: unknown): unknown => {
  if (value instanceof Float64Array || value instanceof Int32Array) return Array.from(value, encode);
  if (Array.isArray(value)) return value.map(encode);
  if (typeof value === 'number') return Number.isFinite(value) ? value : String(value);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(
      Object.entries(value)
        .filter(([, field]) => field !== undefined)
        .map(([key, field]) => [key, encode(field)]),
    );
  }
  return value;
};

const specials: Readonly<Record<string, number>> = {
  Infinity: Number.POSITIVE_INFINITY,
  '-Infinity': Number.NEGATIVE_INFINITY,
  NaN: Number.NaN,
};

/** Undoes {@link encode}; lists of numbers stay lists. */
export const decode = (value: unknown): unknown => {
  if (typeof value === 'string') return Object.hasOwn(specials, value) ? specials[value] : value;
  if (Array.isArray(value)) return value.map(decode);
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, decode(field)]));
  }
  return value;
};

type Fields = Readonly<Record<string, unknown>>;

/** A field that must be an object. */
export const objectField = (fields: Fields, name: string): Fields => {
  const value = fields[name];
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new SolverJsonError(`${name}: ${JSON.stringify(value)}`, `an object in field "${name}"`);
  }
  return value as Fields;
};

/** A field that must be a list of numbers of a given length. */
export const vectorField = (fields: Fields, name: string, length?: number): Float64Array => {
  const value = fields[name];
  if (!Array.isArray(value) || !value.every((x) => typeof x === 'number')) {
    throw new SolverJsonError(`field "${name}" that is no list of numbers`, 'a list of numbers');
  }
  if (length !== undefined && value.length !== length) {
    throw new SolverJsonError(`${value.length} numbers in "${name}"`, `${length}`);
  }
  return Float64Array.from(value);
};

/** A field that must be a number. */
export const numberField = (fields: Fields, name: string): number => {
  const value = fields[name];
  if (typeof value !== 'number') {
    throw new SolverJsonError(`${name}: ${JSON.stringify(value)}`, `a number in field "${name}"`);
  }
  return value;
};

/** The object that `toJSON` wrote for this solver; throws {@link SolverJsonError} otherwise. */
export const savedSolver = (json: unknown, solver: string): Fields => {
  const fields = decode(json);
  if (typeof fields !== 'object' || fields === null || Array.isArray(fields)) {
    throw new SolverJsonError(typeof json, 'an object');
  }
  const { format, version, solver: found } = fields as Fields;
  if (format !== 'ntk-lens-solver' || version !== 1 || found !== solver) {
    throw new SolverJsonError(
      `format ${String(format)}, version ${String(version)}, solver ${String(found)}`,
      `format ntk-lens-solver, version 1, solver ${solver}`,
    );
  }
  return fields as Fields;
};
