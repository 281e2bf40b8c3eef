import type { Graph, GraphNode } from '../../trace/graph.js';
import type { OnnxAttribute, OnnxDType } from '../model-proto.js';

/** What a lowering rule can do: refer to inputs, add constants and add ONNX nodes. */
export interface LoweringContext {
  readonly graph: Graph;
  /** Names of the node's inputs in the ONNX graph. */
  readonly inputs: readonly string[];
  /** Nodes of the inputs. */
  readonly inputNodes: readonly GraphNode[];
  /** Adds an int64 vector constant (shapes, axes). */
  ints(values: readonly number[]): string;
  /** Adds a constant; `values` are written as `dtype`. */
  constant(values: readonly number[], dtype: OnnxDType, shape: readonly number[]): string;
  /** Adds a node with one output and returns the output's name. */
  emit(
    op: string,
    inputs: readonly string[],
    attributes?: Record<string, OnnxAttribute>,
    domain?: string,
  ): string;
}

/** Turns one traced operation into ONNX nodes and returns the name of its value. */
export type LoweringRule = (node: GraphNode, context: LoweringContext) => string;

/** Rules by operation name. */
export type LoweringRules = { readonly [op: string]: LoweringRule };
