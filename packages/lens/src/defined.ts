/** A record without its undefined fields: what is left out is not in a file either, and takes no default's place. */
export const defined = <T extends object>(record: T): T =>
  Object.fromEntries(Object.entries(record).filter(([, value]) => value !== undefined)) as T;
