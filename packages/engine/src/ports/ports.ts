/**
 * A structure of tensors: records and lists, as deep as need be, with a leaf for every tensor. What a program takes and
 * gives is such a structure, so that no tensor is looked up by a spelled name.
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

/** The same structure with every leaf replaced; `name` is the path to it. */
export const mapPorts = <Leaf, To>(
  node: Ports<Leaf>,
  isLeaf: (value: unknown) => boolean,
  f: (leaf: Leaf, name: string) => To,
  path = '',
): Ports<To> => {
  const at = (key: string | number) => (path === '' ? `${key}` : `${path}${SEPARATOR}${key}`);
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

/** The leaves of a structure by their paths, in order. */
export const flattenPorts = <Leaf>(
  ports: Ports<Leaf>,
  isLeaf: (value: unknown) => boolean,
): Record<string, Leaf> => {
  const flat: Record<string, Leaf> = {};
  mapPorts(ports, isLeaf, (leaf, name) => {
    if (Object.hasOwn(flat, name))
      throw new Error(`Two ports are called ${name}: a key holds "${SEPARATOR}".`);
    flat[name] = leaf;
  });
  return flat;
};
