import type { GraphDType, GraphNode, NodeSpec } from '../graph.js';
import type { Recorder, Traced } from '../recorder.js';

/** Attributes of a kernel call, as tfjs passes them. */
export type Attrs = { readonly [name: string]: unknown };

/** Axes as tfjs passes them: one, several, or undefined for all. */
export type Axes = number | readonly number[] | undefined;

/** Records one call of a tfjs kernel as nodes of the current graph. */
export type RecordKernel = (r: Recorder, inputs: readonly Traced[], attrs: Attrs) => Traced | Traced[];

/** Recording functions by kernel name. */
export type KernelRecords = { readonly [kernel: string]: RecordKernel };

/** Adds a node that has the shape and type of `like` unless `changes` says otherwise. */
export const emitLike = (
  r: Recorder,
  op: string,
  like: GraphNode,
  changes: Partial<Pick<NodeSpec, 'inputs' | 'attrs' | 'shape' | 'dtype'>> = {},
): Traced =>
  r.emit({ op, inputs: [like.id], attrs: {}, shape: [...like.shape], dtype: like.dtype, ...changes });

/** Adds a tensor of equal elements. */
export const emitFill = (r: Recorder, value: number, shape: readonly number[], dtype: GraphDType): Traced =>
  r.emit({ op: 'Fill', inputs: [], attrs: { value }, shape: [...shape], dtype });
