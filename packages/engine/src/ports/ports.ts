/**
 * A structure of tensors: records and lists, as deep as need be, with a leaf for every tensor. The inputs and
 * results of a program are such a structure, so that no tensor is looked up by a spelled name.
 */
export type Ports<Leaf> = Leaf | undefined | readonly Ports<Leaf>[] | { readonly [key: string]: Ports<Leaf> };

/** The structure `P` with leaves of another type. */
export type MapPorts<P, From, To> = P extends From
  ? To
  : P extends undefined
    ? undefined
    : P extends readonly (infer Item)[]
      ? readonly MapPorts<Item, From, To>[]
      : { readonly [Key in keyof P]: MapPorts<P[Key], From, To> };

const SEPARATOR = '/';

const isBranch = <Leaf>(
  node: Ports<Leaf>,
  isLeaf: (value: unknown) => boolean,
): node is readonly Ports<Leaf>[] | { readonly [key: string]: Ports<Leaf> } =>
  node !== undefined && !isLeaf(node);

/**
 * The same structure with every leaf replaced; `name` is the path to it.
 *
 * @throws Error for a key that is empty or holds the separator of paths: two leaves could have one path
 */
export const mapPorts = <Leaf, To>(
  node: Ports<Leaf>,
  isLeaf: (value: unknown) => boolean,
  f: (leaf: Leaf, name: string) => To,
  path = '',
): Ports<To> => {
  const at = (key: string | number) => {
    if (`${key}`.includes(SEPARATOR) || key === '')
      throw new Error(`A port is called "${key}"; names are not empty and hold no "${SEPARATOR}".`);
    return path === '' ? `${key}` : `${path}${SEPARATOR}${key}`;
  };
  if (!isBranch(node, isLeaf)) return node === undefined ? undefined : f(node as Leaf, path);
  if (Array.isArray(node))
    return (node as readonly Ports<Leaf>[]).map((item, i) => mapPorts(item, isLeaf, f, at(i)));
  return Object.fromEntries(
    Object.entries(node as Readonly<Record<string, Ports<Leaf>>>).map(([key, item]) => [
      key,
      mapPorts(item, isLeaf, f, at(key)),
    ]),
  );
};

/** The leaves of a structure by their paths, in order. Throws as {@link mapPorts} does. */
export const flattenPorts = <Leaf>(
  ports: Ports<Leaf>,
  isLeaf: (value: unknown) => boolean,
): Record<string, Leaf> => {
  const flat: [string, Leaf][] = [];
  mapPorts(ports, isLeaf, (leaf, name) => flat.push([name, leaf]));
  return Object.fromEntries(flat);
};
