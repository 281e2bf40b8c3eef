import type { Named, Stage } from '@ntk-lens/models';
import { type Classified, type NodeClass, nodeClasses, nodeClassifier } from './classify-node.js';
import { forwardProgram, gradientProgram, tracedTokens } from './stage-programs.js';
import { shapeText, traceAtWidths, type WidthGraph } from './width-graph.js';

/** A network at any width; a Tensor Program describes such a family. */
export interface WidthFamily {
  /** The same network with hidden sizes in proportion to `width`, everything else alike. */
  readonly stagesAt: (width: number) => readonly Stage[];
  /** Two widths to look at. */
  readonly widths: readonly [number, number];
  /** Longest sequence that it takes. Default: no limit. */
  readonly maxTokens?: number;
}

/** Where in the model a node is, and what it is. */
export interface NodePlace {
  readonly stage: string;
  /** The site on whose output it acts first, or `after <site>`, or `gradient`. */
  readonly site: string;
  /** Operation, by its tfjs name. */
  readonly op: string;
  /** Node of the traced graph of the stage; absent for an operation that cannot be traced at all. */
  readonly node?: number;
  /** Shape in terms of the width n. */
  readonly shape: string;
}

/** A node that no Tensor Program has. */
export interface Violation extends NodePlace {
  readonly problem: string;
}

/** A remark on an allowed node. */
export interface NodeNote extends NodePlace {
  readonly note: string;
}

/** Number of nodes of each class. */
export type NodeCounts = Readonly<Record<NodeClass, number>>;

export interface StageAnalysis {
  readonly counts: NodeCounts;
  readonly gradientCounts: NodeCounts;
  readonly violations: readonly Violation[];
  readonly notes: readonly NodeNote[];
}

/**
 * Classifies every node of a network's forward pass and of its gradients: each stage is traced at two widths, which
 * tells the axes that grow from those that do not.
 *
 * @example
 * ```ts
 * const { violations } = analyseStages({
 *   stagesAt: (width) => perceptronStages({ nonlinearity: 'relu', hiddenLayers: 2 }, { width, features: 5, examples: 3, outputs: 1 }, [0]),
 *   widths: [64, 128],
 *   maxTokens: 1,
 * });
 * violations.length; // 0
 * ```
 */
export const analyseStages = ({ stagesAt, widths, maxTokens = Infinity }: WidthFamily): StageAnalysis => {
  const tokens = tracedTokens(maxTokens);
  const stages = [stagesAt(widths[0]), stagesAt(widths[1])] as const;
  const counts = noCounts();
  const gradientCounts = noCounts();
  const violations: Violation[] = [];
  const notes: NodeNote[] = [];
  let x: readonly [readonly number[] | undefined, readonly number[] | undefined] = [undefined, undefined];
  for (const [at, stage] of stages[0].entries()) {
    const other = stages[1][at]!;
    const add = (graph: WidthGraph, siteOf: SiteOf, gradient: boolean) => {
      const found = classified(graph, stage, siteOf, { widths, gradient });
      for (const kind of nodeClasses) (gradient ? gradientCounts : counts)[kind] += found.counts[kind];
      violations.push(...found.violations);
      notes.push(...found.notes);
      return found.violations.length === 0;
    };
    const programs = [forwardProgram(stage, x[0], tokens), forwardProgram(other, x[1], tokens)] as const;
    let forward: WidthGraph;
    try {
      forward = traceAtWidths(programs, widths);
    } catch (error) {
      const unknown = untraceable(error, stage);
      if (!unknown) throw error;
      counts['not allowed'] += 1;
      violations.push(unknown);
      break;
    }
    const { y: output, kept } = programs[0].results;
    const fine = add(forward, sitesOf(forward, kept), false);
    const y = forward.results.get(output);
    // The next stage is a program of this output's shape.
    if (y === undefined) break;
    const shapes = forward.nodes[y]!.at.map(({ shape }) => shape) as [readonly number[], readonly number[]];
    // An operation that breaks the rules forward breaks them backward, and may not even have a gradient.
    if (fine) {
      const gradients = [
        gradientProgram(stage, x[0], shapes[0], tokens),
        gradientProgram(other, x[1], shapes[1], tokens),
      ] as const;
      add(traceAtWidths(gradients, widths), () => 'gradient', true);
    }
    x = shapes;
  }
  return { counts, gradientCounts, violations, notes };
};

/**
 * tfjs's errors for operations that the engine cannot record (sorting, cumulative sums): they end the
 * analysis.
 */
const untraceable = (error: unknown, { name }: Stage): Violation | undefined => {
  const op = error instanceof Error ? /^Kernel '(\w+)' not registered/.exec(error.message)?.[1] : undefined;
  const problem =
    'cannot be traced, so it is not one of the operations that Tensor Programs are known to have';
  return op === undefined ? undefined : { stage: name, site: 'unknown', op, shape: '', problem };
};

const noCounts = (): Record<NodeClass, number> =>
  Object.fromEntries(nodeClasses.map((kind) => [kind, 0])) as Record<NodeClass, number>;

/** The site that a node belongs to. */
type SiteOf = (id: number) => string;

const classified = (
  graph: WidthGraph,
  stage: Stage,
  siteOf: SiteOf,
  options: { readonly widths: readonly [number, number]; readonly gradient: boolean },
) => {
  const classify = nodeClassifier(graph, options);
  const counts = noCounts();
  const violations: Violation[] = [];
  const notes: NodeNote[] = [];
  for (const id of graph.live) {
    const node = graph.nodes[id]!;
    const { class: kind, problem, note }: Classified = classify(node);
    counts[kind] += 1;
    const place = { stage: stage.name, site: siteOf(id), op: node.op, node: id, shape: shapeText(node.dims) };
    if (problem) violations.push({ ...place, problem });
    if (note) notes.push({ ...place, note });
  }
  if (graph.differs) {
    const { id, op, shape } = graph.differs;
    counts['not allowed'] += 1;
    violations.push({
      stage: stage.name,
      site: options.gradient ? 'gradient' : 'unknown',
      op,
      node: id,
      shape: `[${shape.join(', ')}]`,
      problem: 'from here on the operations themselves depend on width',
    });
  }
  return { counts, violations, notes };
};

/**
 * For each node the first site that has it among what its output is made of.
 *
 * @param kept names of the results that are values of sites, by site
 */
const sitesOf = (graph: WidthGraph, kept: Named<string>): SiteOf => {
  const place = new Map<number, string>();
  const found = Object.entries(kept).flatMap(([site, output]) => {
    const id = graph.results.get(output);
    return id === undefined ? [] : [{ site, id }];
  });
  // In the order of computation, which need not be that of the list.
  const ordered = found.sort((a, b) => a.id - b.id);
  for (const { site, id: made } of ordered) {
    const stack = [made];
    while (stack.length > 0) {
      const id = stack.pop()!;
      if (place.has(id)) continue;
      place.set(id, site);
      stack.push(...graph.nodes[id]!.inputs);
    }
  }
  const last = ordered.at(-1)?.site;
  return (id) => place.get(id) ?? (last === undefined ? 'no site' : `after ${last}`);
};
