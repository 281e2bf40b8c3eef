import { trace } from '@ntk-lens/engine';
import { fanIn, plannedShapes, type Stage, type StageShapes } from '@ntk-lens/models';
import { type ActiveParameters, allActive } from '../factors/active-parameters.js';
import { backwardPass, forwardPass } from '../factors/stage-passes.js';
import type { VectorLengths } from '../sites/kernel-site.js';

/** Names of the sites of a stage whose values its backward pass reads, by the place of the stage. */
export type ReadValues = (stage: number) => ReadonlySet<string>;

/** Properties of stages that compute the same function. */
interface KnownStage {
  readonly read: ReadonlySet<string>;
  /** Shape of what it puts out for one example. */
  readonly output: readonly number[];
}

const known = new Map<string, KnownStage>();

/**
 * Finds the sites whose values backward passes read, by tracing them: keeping others saves nothing. The last term that
 * a layer adds to its residual stream is one of those, unless a norm follows: the derivative of a sum does not depend on its terms.
 * Equal stages are traced once, and none before the first call.
 */
export const readValues = (
  stages: readonly Stage[],
  active: readonly ActiveParameters[],
  lengths: VectorLengths,
): ReadValues => {
  let found: readonly ReadonlySet<string>[] | undefined;
  const findAll = () => {
    let x: readonly number[] | undefined;
    // The head's outputs are a row per example, and are not kept.
    return stages.slice(0, -1).map((stage, index) => {
      const own = active[index]!;
      const shapes = plannedShapes(stage, 1, lengths.padTo, x);
      const key = JSON.stringify([stage.identity, own.identity, index === 0, lengths, shapes]);
      const made = known.get(key) ?? tracedStage(stage, own, lengths, shapes, index === 0);
      known.set(key, made);
      x = made.output;
      return made.read;
    });
  };
  return (stage) => {
    found ??= findAll();
    return found[stage] ?? new Set();
  };
};

const tracedStage = (
  stage: Stage,
  active: ActiveParameters,
  lengths: VectorLengths,
  shapes: StageShapes,
  isFirst: boolean,
): KnownStage => {
  const sites = stage.sites.filter((site) => fanIn(site) > 1).map(({ name }) => name);
  const settings = { stage, active, lengths, outputs: 1 };
  const forward = forwardPass(settings, shapes, sites);
  const { output } = forward;
  // The first stage is not run backwards for nothing.
  if (isFirst && allActive(active).length === 0) return { read: new Set(), output };
  const backward = backwardPass(settings, shapes, forward);
  const graph = trace(backward.flat);
  const live = new Set(graph.live());
  const isRead = (site: string) => {
    const port = backward.inputs.kept[site];
    return port !== undefined && live.has(graph.inputs.get(port)!);
  };
  return { read: new Set(sites.filter(isRead)), output };
};
