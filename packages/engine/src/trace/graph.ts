import type { DTypeArrays } from '@ntk-lens/core';

/** Element types inside a traced graph. */
export type GraphDType = 'float32' | 'int32' | 'bool' | 'uint8';

/**
 * One value of a traced graph: the single output of an operation. Operations carry the names of the tfjs
 * kernels they come from; operations with several results are recorded as slices of their input.
 */
export interface GraphNode {
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly number[];
  readonly attrs: Readonly<Record<string, unknown>>;
  readonly shape: readonly number[];
  readonly dtype: GraphDType;
  /** Values of a `Const` node; a constant of equal elements is a `Fill` node instead. */
  readonly data?: Constant;
}

type Constant = DTypeArrays['float32'] | DTypeArrays['int32'] | DTypeArrays['uint8'];

/** The fields of a node, before it has an id. */
export type NodeSpec = Omit<GraphNode, 'id'>;

/** JSON writes NaN and the infinities as null and −0 as 0; constants of these values must not become one. */
const isInexact = (value: unknown): boolean =>
  typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0));

const exactNumbers = (_key: string, value: unknown): unknown =>
  isInexact(value) ? `${Object.is(value, -0) ? '-' : ''}${value}` : value;

/** JSON; a function that it asks for every value makes it slow, and is given where there is a number for it. */
const textOf = (values: readonly unknown[], value: unknown): string =>
  values.some(isInexact) ? JSON.stringify(value, exactNumbers) : JSON.stringify(value);

/** The text of a node, which equal nodes have. Lists among the attributes are of whole numbers. */
const keyOf = (
  { op, inputs, attrs, shape, dtype }: NodeSpec,
  values: number | number[] | undefined,
): string => {
  const settings = Object.values(attrs);
  const ofAttrs = settings.length > 0 ? textOf(settings, attrs) : '';
  const ofValues = Array.isArray(values) ? textOf(values, values) : `${values}`;
  return `${op} ${inputs} ${shape} ${dtype} ${ofAttrs} ${ofValues}`;
};

/** The same elements, NaN and the sign of 0 included. Types may differ: the key says them. */
const equalValues = (a: Constant, b: Constant): boolean =>
  a.length === b.length && a.every((x, i) => Object.is(x, b[i]));

/** Constants of more elements are compared element by element, without a key. */
const LONG = 64;

/**
 * A directed acyclic graph in which equal operations on equal inputs are one node, so tracing a function
 * once per output costs its shared part only once.
 */
export class Graph {
  readonly nodes: GraphNode[] = [];
  /** Input names and their node ids, in the order in which they were declared. */
  readonly inputs = new Map<string, number>();
  /** Output names and their node ids. */
  readonly results = new Map<string, number>();
  readonly #known = new Map<string, number>();
  readonly #long: Constant[] = [];

  /** @param integers whether the signs that `ternary` returns are bytes; else they are floats */
  constructor(readonly integers = true) {}

  /** Type of what `ternary` returns. */
  get ternary(): GraphDType {
    return this.integers ? 'uint8' : 'float32';
  }

  /** Adds a node, or returns the id of the equal one that is already there. */
  add(spec: NodeSpec): number {
    const { op, data } = spec;
    const values = data && (data.length > LONG ? this.#placeOf(data) : [...data]);
    const key = op === 'Input' ? undefined : keyOf(spec, values);
    const known = key === undefined ? undefined : this.#known.get(key);
    if (known !== undefined) return known;
    const id = this.nodes.length;
    // The id comes last: a spec copied from a node has an id of its own.
    this.nodes.push({ ...spec, id });
    if (key !== undefined) this.#known.set(key, id);
    return id;
  }

  /** Place of these values among the long constants, of which equal ones are one. */
  #placeOf(data: Constant): number {
    const place = this.#long.findIndex((other) => equalValues(other, data));
    return place < 0 ? this.#long.push(data) - 1 : place;
  }

  node(id: number): GraphNode {
    return this.nodes[id]!;
  }

  /** Ids of the nodes that the results need, in execution order. */
  live(): number[] {
    const needed = new Uint8Array(this.nodes.length);
    const stack = [...this.results.values()];
    while (stack.length > 0) {
      const id = stack.pop()!;
      if (needed[id]) continue;
      needed[id] = 1;
      stack.push(...this.node(id).inputs);
    }
    return this.nodes.filter((node) => needed[node.id]).map((node) => node.id);
  }
}
