import type { Graph, GraphNode } from '../../trace/graph.js';
import type { GraphBuilder } from '../graph-builder.js';

/** The abilities of a lowering rule: it refers to inputs, adds constants and adds ONNX nodes. */
export interface LoweringContext extends Pick<GraphBuilder, 'ints' | 'constant' | 'emit'> {
  readonly graph: Graph;
  /** Names of the node's inputs in the ONNX graph. */
  readonly inputs: readonly string[];
  /** Nodes of the inputs. */
  readonly inputNodes: readonly GraphNode[];
}

/** Turns one traced operation into ONNX nodes and returns the name of its value. */
export type LoweringRule = (node: GraphNode, context: LoweringContext) => string;

/** Rules by operation name. */
export type LoweringRules = { readonly [op: string]: LoweringRule };
