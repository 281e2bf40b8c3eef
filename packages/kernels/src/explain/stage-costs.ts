import { countWork, type GraphCost, trace } from '@ntk-lens/engine';
import { fanIn, firstPosition, plannedShapes } from '@ntk-lens/models';
import type { Shares } from '../contract/matrix-group.js';
import { allActive } from '../factors/active-parameters.js';
import { localsOf } from '../factors/stage-factors.js';
import { shapeOf, stagePasses } from '../factors/stage-passes.js';
import type { PreparedKernels } from '../request/prepare.js';

/** A group of a stage's matrices, and how many tokens of each example they see. */
interface SeenGroup {
  readonly locals: readonly string[];
  readonly shares: Shares;
  readonly length: number;
}

/** The work of one stage for a batch. */
export interface StageCost {
  readonly forward: GraphCost;
  readonly factors: GraphCost;
  /** FLOPs of `factors` that would not be there if the forward pass kept everything, and that what it keeps saves. */
  readonly again: number;
  readonly saved: number;
  readonly output: readonly number[];
  readonly groups: readonly SeenGroup[];
}

export const noCost: GraphCost = { flops: 0, thinFlops: 0, bytes: 0, productBytes: 0 };

/** Costs of each stage for a batch, by tracing its programs; equal stages are traced once per shape. */
export const stageCosts = (prepared: PreparedKernels) => {
  const known = new Map<string, StageCost>();
  const { stages, active, padTo, kept } = prepared;
  const lengths = { padTo, firstPosition: firstPosition(prepared.config) };
  const of = (index: number, n: number, length: number, input: readonly number[] | undefined): StageCost => {
    const [stage, own] = [stages[index]!, active[index]!];
    const key = JSON.stringify([stage.identity, own.identity, kept[index], n, length, input]);
    const found = known.get(key);
    if (found) return found;
    const logitWeights = index === stages.length - 1 ? prepared.logitWeights : undefined;
    const shapes = plannedShapes(stage, n, length, input);
    const settings = { stage, active: own, lengths, outputs: prepared.logitWeights.length, logitWeights };
    /** The two passes, where the first keeps the values of some sites for the second. */
    const passes = (keep: readonly string[]) => stagePasses(settings, shapes, keep);
    const { forward, output, backward } = passes(kept[index] ?? []);
    const common = { forward: countWork(forward), output };
    // The first stage is not run backwards for nothing.
    if (index === 0 && allActive(own).length === 0) {
      const made = { ...common, factors: noCost, again: 0, saved: 0, groups: [] };
      known.set(key, made);
      return made;
    }
    const graph = trace(backward.flat);
    const factors = countWork(graph);
    /** FLOPs of the factors where these sites are kept. */
    const flopsKeeping = (keep: readonly string[]) => countWork(trace(passes(keep).backward.flat)).flops;
    const everything = stage.sites.filter((site) => fanIn(site) > 1).map(({ name }) => name);
    const last = index === stages.length - 1;
    const made = {
      ...common,
      factors,
      again: last ? 0 : factors.flops - flopsKeeping(everything),
      saved: last || (kept[index] ?? []).length === 0 ? 0 : flopsKeeping([]) - factors.flops,
      groups: backward.results.taken.matrices.map(
        (group): SeenGroup => ({
          locals: localsOf(group),
          shares: Object.keys(group.activations).length > 1 ? 'cotangents' : 'activations',
          length: shapeOf(graph, Object.values(group.activations)[0]!)[1] ?? 1,
        }),
      ),
    };
    known.set(key, made);
    return made;
  };
  return {
    of,
    /** Different stages and shapes so far, each of which has a program forward and one backward. */
    count: () => known.size,
  };
};
