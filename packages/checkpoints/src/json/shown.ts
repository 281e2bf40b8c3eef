/** A JSON value for an error message: short, and safe for values nested so deep that `JSON.stringify` fails. */
export const shown = (value: unknown): string => {
  if (Array.isArray(value)) {
    const items = value
      .slice(0, 12)
      .map((item) => (typeof item === 'object' && item !== null ? '…' : shown(item)));
    return `[${items.join(',')}${value.length > 12 ? ',…' : ''}]`;
  }
  if (typeof value === 'object' && value !== null) return 'an object';
  return clip(JSON.stringify(value) ?? String(value));
};

/** Text of at most 120 characters. */
export const clip = (text: string): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text);
