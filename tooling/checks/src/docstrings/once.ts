/** Calls a function once. */
export const once = <T>(make: () => T): (() => T) => {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
};

/** Values that are closed after the examples, the latest first. */
const open: { close(): Promise<void> }[] = [];
export const closing = <T extends { close(): Promise<void> }>(one: T): T => {
  open.push(one);
  return one;
};
/** Closes what examples have used. */
export const closeReadersValues = async (): Promise<void> => {
  for (const one of open.splice(0).reverse()) await one.close();
};
