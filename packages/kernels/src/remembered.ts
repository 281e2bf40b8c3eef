/** Values by key: a `Map`, or a `WeakMap`. */
interface Known<K, V> {
  get(key: K): V | undefined;
  set(key: K, value: V): unknown;
}

/** The value of a key, which is made where it is not there. */
export const remembered = <K, V>(known: Known<K, V>, key: K, make: () => V): V => {
  const value = known.get(key) ?? make();
  known.set(key, value);
  return value;
};
