import { type Fields, type Group, isOption } from './declare.js';

const counts = (field: Fields[string], value: unknown): boolean => {
  if (value === undefined) return false;
  if (!isOption(field)) return Object.values(field).some((part) => isOption(part) && part.identity);
  const { identity, default: usual, unset } = field;
  return identity === 'always' || (identity === 'given' && ![false, usual, unset].includes(value));
};

/** The fields of some groups that say what a run is: two runs that differ in one cannot share a directory. */
export const identityOf = (
  config: Readonly<Record<string, unknown>>,
  ...groups: readonly Group[]
): Record<string, unknown> =>
  Object.fromEntries(
    groups.flatMap(({ fields }) =>
      Object.entries(fields).flatMap(([name, field]) =>
        counts(field, config[name]) ? [[name, config[name]]] : [],
      ),
    ),
  );
