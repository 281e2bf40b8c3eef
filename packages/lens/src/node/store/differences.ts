/** A field in which two runs differ, values as text. */
export interface Difference {
  readonly field: string;
  readonly found: string;
  readonly expected: string;
}

const show = (value: unknown): string => {
  const text = value === undefined ? 'not set' : (JSON.stringify(value) ?? String(value));
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};

/**
 * Fields in which `found` differs from `expected`, nested ones by path. Fields that `expected` does not name
 * are not compared.
 */
export const differences = (
  found: Readonly<Record<string, unknown>>,
  expected: Readonly<Record<string, unknown>>,
  prefix = '',
): Difference[] =>
  Object.entries(expected).flatMap(([name, value]) => {
    const other = found[name];
    const field = `${prefix}${name}`;
    if (isRecord(value) && isRecord(other)) {
      // Both ways: a label that only one of them has counts.
      const names = Object.fromEntries(
        [...Object.keys(other), ...Object.keys(value)].map((key) => [key, value[key]]),
      );
      return differences(other, names, `${field}.`);
    }
    return JSON.stringify(other) === JSON.stringify(value)
      ? []
      : [{ field, found: show(other), expected: show(value) }];
  });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
