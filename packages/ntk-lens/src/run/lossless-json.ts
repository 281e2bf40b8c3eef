/** Numbers that JSON has no word for, in an object of this one field. */
const FIELD = 'number';

/** A value as JSON keeps it, infinities and NaN included: {@link fromJson} gives it back. */
export const toJson = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (_, part) =>
      typeof part === 'number' && !Number.isFinite(part) ? { [FIELD]: String(part) } : part,
    ),
  );

/** The value that {@link toJson} was given. */
export const fromJson = (json: unknown): unknown =>
  JSON.parse(JSON.stringify(json), (_, part) => {
    const text = part?.[FIELD];
    return typeof text === 'string' && Object.keys(part).length === 1 ? Number(text) : part;
  });
