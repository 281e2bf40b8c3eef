import { sizeOf } from '@ntk-lens/core';
import { countWork, type GraphCost, trace } from '@ntk-lens/engine';
import { fanIn, firstPosition, plannedShapes, type StageShapes } from '@ntk-lens/models';
import type { Shares } from '../contract/matrix-group.js';
import { allActive } from '../factors/active-parameters.js';
import { localsOf } from '../factors/stage-factors.js';
import { backwardPass, forwardPass, shapeOf } from '../factors/stage-passes.js';
import { remembered } from '../remembered.js';
import type { PreparedKernels } from '../request/prepare.js';
import { vectorRows } from '../sites/index.js';

/** A group of a stage's matrices, and how many tokens of each example they see. */
interface SeenGroup {
  readonly locals: readonly string[];
  readonly shares: Shares;
  readonly length: number;
}

/** FLOPs of a stage's factors that would not be there if the forward pass kept everything, and those that what it keeps saves. */
interface KeepingCost {
  readonly again: number;
  readonly saved: number;
}

/** The work of one stage for a batch. */
export interface StageCost {
  readonly forward: GraphCost;
  readonly factors: GraphCost;
  /** Counts what keeping values changes, which takes further traces. */
  readonly keeping: () => KeepingCost;
  readonly output: readonly number[];
  readonly groups: readonly SeenGroup[];
  /** Numbers that all factors of the batch have. */
  readonly factorFloats: number;
}

export const noCost: GraphCost = { flops: 0, thinFlops: 0, bytes: 0, productBytes: 0 };

/** A forward pass, with the shapes of its output and of the values that it keeps. */
interface TracedForward extends Pick<StageCost, 'forward' | 'output'> {
  readonly kept: Readonly<Record<string, readonly number[]>>;
}

/** Passes by everything that they depend on. Plans that are given the same ones share what they trace. */
export interface TracedStages {
  readonly forward: Map<string, TracedForward>;
  readonly factors: Map<string, Pick<StageCost, 'factors' | 'groups' | 'factorFloats'>>;
}

/** Nothing that was traced so far. */
export const tracedStages = (): TracedStages => ({ forward: new Map(), factors: new Map() });

/** Costs of batches, stage by stage. */
export interface StageCosts {
  /** The costs of every stage for a batch of `n` examples with `length` tokens each. */
  of(n: number, length: number): readonly StageCost[];
  /** Different stages and shapes so far, each of which has a program forward and one backward. */
  count(): number;
}

/** Costs of each stage for a batch, by tracing its programs; equal stages are traced once per shape. */
export const stageCosts = (prepared: PreparedKernels, traced: TracedStages): StageCosts => {
  const byShape = new Map<string, readonly StageCost[]>();
  const known = new Map<string, StageCost>();
  const { stages, active, padTo, kept } = prepared;
  const lengths = { padTo, firstPosition: firstPosition(prepared.config) };
  /** The first stage is not run backwards for nothing. */
  const isIdle = (index: number): boolean => index === 0 && allActive(active[index]!).length === 0;
  const costOf = (
    index: number,
    n: number,
    length: number,
    input: readonly number[] | undefined,
  ): StageCost => {
    const [stage, own] = [stages[index]!, active[index]!];
    const key = JSON.stringify([stage.identity, own.identity, kept[index], n, length, input]);
    return remembered(known, key, () => {
      const passes = passesOf(index, plannedShapes(stage, n, length, input));
      const chosen = passes(kept[index] ?? []);
      const everything = stage.sites.filter((site) => fanIn(site) > 1).map(({ name }) => name);
      // The last stage and one that is not run backwards compute nothing again.
      const once = index === stages.length - 1 || isIdle(index);
      const flopsBeyond = (keep: readonly string[]) => passes(keep).factors.flops - chosen.factors.flops;
      const keeping = (): KeepingCost => ({
        again: once ? 0 : -flopsBeyond(everything),
        saved: once || (kept[index] ?? []).length === 0 ? 0 : flopsBeyond([]),
      });
      return { ...chosen, keeping };
    });
  };
  /** The two passes of a stage, where the first keeps the values of some sites for the second. */
  const passesOf = (index: number, shapes: StageShapes) => {
    const [stage, own] = [stages[index]!, active[index]!];
    const logitWeights = index === stages.length - 1 ? prepared.logitWeights : undefined;
    const settings = { stage, active: own, lengths, outputs: prepared.logitWeights.length, logitWeights };
    const place = JSON.stringify([stage.identity, shapes, logitWeights]);
    const vectors = own.vectors.map((vector) => vectorRows(vector, lengths));
    const backwards = JSON.stringify([own.identity, isIdle(index), vectors, settings.outputs]);
    return (keep: readonly string[]): Omit<StageCost, 'keeping'> => {
      const keeping = `${place} ${[...keep].sort()}`;
      const { kept, ...forward } = remembered(traced.forward, keeping, () => {
        const { graph, ...pass } = forwardPass(settings, shapes, keep);
        return { forward: countWork(graph), ...pass };
      });
      const factors = remembered(traced.factors, `${keeping} ${backwards}`, () => {
        if (isIdle(index)) return { factors: noCost, groups: [], factorFloats: 0 };
        const backward = backwardPass(settings, shapes, { kept, output: forward.output });
        const graph = trace(backward.flat);
        const groups = backward.results.taken.matrices.map(
          (group): SeenGroup => ({
            locals: localsOf(group),
            shares: Object.keys(group.activations).length > 1 ? 'cotangents' : 'activations',
            length: shapeOf(graph, Object.values(group.activations)[0]!)[1] ?? 1,
          }),
        );
        const { matrices, vectors, rows } = backward.results.taken;
        const leaves = matrices.flatMap((group) => [
          ...Object.values(group.activations),
          ...Object.values(group.cotangents).flat(),
        ]);
        const names = [...leaves, ...(vectors === undefined ? [] : [vectors]), ...rows];
        const floats = [...new Set(names)].reduce((sum, name) => sum + sizeOf(shapeOf(graph, name)), 0);
        return { factors: countWork(graph), groups, factorFloats: floats };
      });
      return { ...forward, ...factors };
    };
  };
  const ofBatch = (n: number, length: number): readonly StageCost[] => {
    let state: readonly number[] | undefined;
    return stages.map((_, index) => {
      const cost = costOf(index, n, length, state);
      state = cost.output;
      return cost;
    });
  };
  return {
    of: (n, length) => remembered(byShape, `${n}x${length}`, () => ofBatch(n, length)),
    count: () => known.size,
  };
};
