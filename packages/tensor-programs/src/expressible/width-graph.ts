import { type Graph, type GraphNode, type Program, trace } from '@ntk-lens/engine';
import type { Named } from '@ntk-lens/models';

/** An axis as width grows: a fixed size, `perWidth` times the width, or something else (n + 1, n²). */
export type SymbolicDim =
  | { readonly kind: 'finite'; readonly size: number }
  | { readonly kind: 'width'; readonly perWidth: number }
  | { readonly kind: 'other'; readonly sizes: readonly [number, number] };

/** A node of a program that was traced at two widths. */
export interface WidthNode {
  readonly id: number;
  readonly op: string;
  readonly inputs: readonly number[];
  readonly dims: readonly SymbolicDim[];
  /** What was recorded at either width. */
  readonly at: readonly [GraphNode, GraphNode];
  /** e of a constant that is proportional to width^e; 0 for everything else. */
  readonly power: number;
}

/** One graph for all widths. */
export interface WidthGraph {
  readonly nodes: readonly WidthNode[];
  /** Ids of what the results need, in execution order. */
  readonly live: readonly number[];
  readonly results: ReadonlyMap<string, number>;
  /** Names of the inputs that are weights. */
  readonly weights: ReadonlySet<string>;
  /** The first operation that is not the same at both widths: the structure of the program depends on width. */
  readonly differs?: GraphNode;
}

/** A program of tensors, some of which are weights. */
export interface WeightedProgram {
  readonly flat: Program;
  /** The names of its inputs. */
  readonly inputs: { readonly weights: Named<string> };
}

/**
 * Traces a program at two widths and learns from the sizes which axes grow.
 *
 * @param programs the same program at either width
 * @param widths two different ones; the second a multiple of the first keeps divisibility
 */
export const traceAtWidths = (
  programs: readonly [WeightedProgram, WeightedProgram],
  widths: readonly [number, number],
): WidthGraph => {
  const [first, second] = [trace(programs[0].flat), trace(programs[1].flat)];
  const count = Math.min(first.nodes.length, second.nodes.length);
  const nodes: WidthNode[] = [];
  let differs: GraphNode | undefined;
  for (let id = 0; id < count && !differs; id++) {
    const [a, b] = [first.node(id), second.node(id)];
    if (sameOperation(a, b)) nodes.push(widthNode(a, b, widths));
    else differs = a;
  }
  if (!differs && first.nodes.length !== second.nodes.length)
    differs = (first.nodes.length > count ? first : second).node(count);
  return {
    nodes,
    live: first.live().filter((id) => id < nodes.length),
    results: resultsWithin(first, nodes.length),
    weights: new Set(Object.values(programs[0].inputs.weights)),
    ...(differs && { differs }),
  };
};

const resultsWithin = (graph: Graph, count: number): ReadonlyMap<string, number> =>
  new Map([...graph.results].filter(([, id]) => id < count));

const sameOperation = (a: GraphNode, b: GraphNode): boolean =>
  a.op === b.op &&
  a.shape.length === b.shape.length &&
  a.inputs.length === b.inputs.length &&
  a.inputs.every((id, i) => id === b.inputs[i]);

const widthNode = (a: GraphNode, b: GraphNode, widths: readonly [number, number]): WidthNode => ({
  id: a.id,
  op: a.op,
  inputs: a.inputs,
  dims: a.shape.map((size, axis) => symbolicDim(size, b.shape[axis]!, widths)),
  at: [a, b],
  power: a.op === 'Fill' ? powerOf(Number(a.attrs['value']), Number(b.attrs['value']), widths) : 0,
});

/** How a size, or an offset along an axis, grows. */
export const symbolicDim = (
  a: number,
  b: number,
  [first, second]: readonly [number, number],
): SymbolicDim => {
  if (a === b) return { kind: 'finite', size: a };
  if (a * second === b * first) return { kind: 'width', perWidth: a / first };
  return { kind: 'other', sizes: [a, b] };
};

const powerOf = (a: number, b: number, [first, second]: readonly [number, number]): number => {
  if (a === b || !(a / b > 0 && a / b < Infinity)) return 0;
  return Math.round((Math.log(a / b) / Math.log(first / second)) * 1e6) / 1e6;
};

/** Number of axes that grow with width. */
export const widthAxes = ({ dims }: WidthNode): number => dims.filter(({ kind }) => kind === 'width').length;

/** A shape in terms of the width n, e.g. `[2, 3, 4n]`. */
export const shapeText = (dims: readonly SymbolicDim[]): string =>
  `[${dims.map((dim) => (dim.kind === 'finite' ? dim.size : dim.kind === 'width' ? multiple(dim.perWidth) : dim.sizes.join('→'))).join(', ')}]`;

const multiple = (factor: number): string => {
  if (factor === 1) return 'n';
  const parts = 1 / factor;
  return Number.isInteger(parts) ? `n/${parts}` : `${factor}n`;
};
