import { elementwise, linear, structural } from './operations.js';
import { type SymbolicDim, symbolicDim, type WidthGraph, type WidthNode, widthAxes } from './width-graph.js';
import { consumersOf, explicitScale, isNormalized } from './width-scale.js';

/** The class of a node in a Tensor Program (NetsorT⊤: matrix products, coordinatewise nonlinearities, moments). */
export const nodeClasses = [
  'input',
  'constant',
  'matrix product',
  'coordinatewise',
  'moment',
  'structural',
  'finite',
  'not allowed',
] as const;
export type NodeClass = (typeof nodeClasses)[number];

export interface Classified {
  readonly class: NodeClass;
  /** The reason for which it is not allowed. */
  readonly problem?: string;
  /** A remark for the reader on a node that is allowed. */
  readonly note?: string;
}

export interface ClassifierOptions {
  readonly widths: readonly [number, number];
  /** Cotangents carry a scale of their own, so sums over width of them need no division. */
  readonly gradient: boolean;
}

const allowed = (kind: NodeClass, note?: string): Classified => ({ class: kind, note });
const refused = (problem: string): Classified => ({ class: 'not allowed', problem });
const isWidth = (dim: SymbolicDim | undefined): boolean => dim?.kind === 'width';

/**
 * The rules. Values are vectors over width, finitely many of them in an array: one axis grows. Matrices, with two, are
 * weights and outer products; they may only be multiplied with vectors and added. Arrays without such an axis are scalars:
 * anything may be done with finitely many of those.
 */
export const nodeClassifier = (
  graph: WidthGraph,
  options: ClassifierOptions,
): ((node: WidthNode) => Classified) => {
  const consumers = consumersOf(graph);
  const inputsOf = (node: WidthNode) => node.inputs.map((id) => graph.nodes[id]!);
  /** For operations that do the same at every place of the width axis. */
  const pointwise = (node: WidthNode): Classified =>
    allowed(widthAxes(node) === 0 ? 'finite' : 'coordinatewise');

  const reduction = (node: WidthNode): Classified => {
    const [x] = inputsOf(node);
    const axes = node.at[0].attrs['axes'] as readonly number[];
    const over = axes.filter((axis) => isWidth(x!.dims[axis])).length;
    if (over === 0) return widthAxes(node) < 2 ? pointwise(node) : allowed('matrix product');
    if (node.op !== 'Sum' && node.op !== 'Mean')
      return refused(`${node.op.toLowerCase()} over width is no moment: it depends on single coordinates`);
    // The product of a matrix and the vector of ones.
    if (widthAxes(x!) > over) return allowed('matrix product');
    if (node.op === 'Sum' && !options.gradient && !isNormalized(graph, consumers, node))
      return refused('a sum over width that nothing divides by a power of width; a moment is a mean');
    return allowed('moment');
  };

  const product = (node: WidthNode): Classified => {
    const [a] = inputsOf(node);
    const { transposeA } = node.at[0].attrs;
    const rank = node.dims.length;
    const inner = a!.dims.at(transposeA ? -2 : -1);
    const [rows, columns] = [isWidth(node.dims[rank - 2]), isWidth(node.dims[rank - 1])];
    const batch = node.dims.slice(0, -2).some(isWidth);
    if (!isWidth(inner)) return rows && columns && !batch ? allowed('matrix product') : matrixFree(node);
    if (batch) return refused('products over width in a batch that grows with width');
    if (rows && columns)
      return refused('a matrix times a matrix, both growing; multiply vectors with one after the other');
    if (rows || columns) return allowed('matrix product');
    const weight = node.inputs.some((id) => isParameter(id));
    if (weight || options.gradient) return allowed('moment');
    const scale = node.inputs.reduce((sum, id) => sum + explicitScale(graph, id), 0);
    return allowed('moment', scaleNote(scale));
  };

  const isParameter = (id: number): boolean => {
    let node = graph.nodes[id]!;
    while (structural.has(node.op) && node.inputs.length === 1) node = graph.nodes[node.inputs[0]!]!;
    return node.op === 'Input' && graph.weights.has(String(node.at[0].attrs['name']));
  };

  const matrixFree = (node: WidthNode): Classified =>
    widthAxes(node) < 2
      ? pointwise(node)
      : refused('an array with two growing axes that is no weight matrix');

  const elementwiseOf = (node: WidthNode): Classified => {
    if (widthAxes(node) < 2) return pointwise(node);
    const inputs = inputsOf(node);
    const scaled = ['Multiply', 'RealDiv'].includes(node.op) && inputs.some((x) => widthAxes(x) === 0);
    const outer = node.op === 'Multiply' && inputs.every((x) => widthAxes(x) === 1);
    if (linear.has(node.op) || scaled || outer) return allowed('matrix product');
    return refused('a nonlinearity of the entries of a matrix; nonlinearities act on vectors');
  };

  const movement = (node: WidthNode): Classified => {
    const [x] = inputsOf(node);
    if (node.op === 'Slice') {
      const [begin, other] = node.at.map(({ attrs }) => attrs['begin'] as readonly number[]);
      for (const [axis, dim] of x!.dims.entries()) {
        if (!isWidth(dim)) continue;
        if (!isWidth(node.dims[axis])) return refused('reads single coordinates of a vector');
        const start = symbolicDim(begin![axis]!, other![axis]!, options.widths);
        if (start.kind !== 'width' && !(start.kind === 'finite' && start.size === 0))
          return refused('cuts a vector at a place that does not move with width');
      }
    }
    if (
      node.op === 'Reverse' &&
      (node.at[0].attrs['axes'] as readonly number[]).some((axis) => isWidth(x!.dims[axis]))
    )
      return refused('turns the coordinates of a vector round');
    if (node.op === 'Tile' || node.op === 'BroadcastTo') {
      const offset = node.dims.length - x!.dims.length;
      const stretched = x!.dims.some(
        (dim, axis) => dim.kind === 'finite' && dim.size !== 1 && isWidth(node.dims[axis + offset]),
      );
      if (stretched) return refused('repeats finitely many values along width');
    }
    return allowed(node.dims.some(isWidth) || x!.dims.some(isWidth) ? 'structural' : 'finite');
  };

  const indexing = (node: WidthNode): Classified => {
    const [x, ids] = inputsOf(node);
    if (node.op === 'GatherV2') {
      if (isWidth(x!.dims[node.at[0].attrs['axis'] as number]))
        return refused('chooses coordinates by index');
      if (widthAxes(ids!) > 0) return refused('indices that are computed for every coordinate');
      return allowed(widthAxes(node) === 0 ? 'finite' : 'structural');
    }
    if (isWidth(node.dims[0]) || isWidth(x!.dims[0])) return refused('writes to coordinates by index');
    return pointwise(node);
  };

  return (node) => {
    const strange = node.dims.find(({ kind }) => kind === 'other');
    if (strange) return refused(strangeAxis(node));
    switch (node.op) {
      case 'Input':
        return allowed('input');
      case 'Const':
      case 'Fill':
        return allowed('constant');
      case 'Sum':
      case 'Mean':
      case 'Max':
      case 'Min':
      case 'Prod':
        return reduction(node);
      case 'Softmax':
      case 'LogSoftmax':
        return isWidth(node.dims.at(-1))
          ? refused('a softmax over width: an exponential moment, whose results vanish as 1/n')
          : pointwise(node);
      case 'BatchMatMul':
        return product(node);
      case 'GatherV2':
      case 'UnsortedSegmentSum':
        return indexing(node);
      case 'OneHot':
        return isWidth(node.dims.at(-1)) ? refused('one-hot vectors over width') : pointwise(node);
    }
    if (structural.has(node.op)) return movement(node);
    if (elementwise.has(node.op)) return elementwiseOf(node);
    return refused(`the analysis knows no operation ${node.op}`);
  };
};

const strangeAxis = ({ op }: WidthNode): string => {
  if (op === 'Concat' || op === 'PadV2') return 'adds finitely many entries to an axis that grows with width';
  if (op === 'Reshape') return 'merges two axes that grow with width';
  return 'an axis whose size is neither fixed nor proportional to width';
};

const scaleNote = (scale: number): string => {
  const text = scale === 0 ? 'not scaled' : `scaled by n^(${scale})`;
  if (scale <= -1) return `inner product of activations ${text}: a moment also when they align, as in μP`;
  if (scale <= -0.5)
    return `inner product of activations ${text}, which is of order 1 while they are independent, but not when training aligns them; μP scales by 1/n`;
  return `inner product of activations ${text}: grows with width`;
};
