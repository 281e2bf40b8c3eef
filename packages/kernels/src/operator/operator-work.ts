import { countWork, type Graph, type MachineWork, noWork, totalWork, trace } from '@ntk-lens/engine';
import { firstPosition, forwardStage, plannedShapes } from '@ntk-lens/models';
import { cotangentProgram, movingSites } from '../derivatives/derivative-programs.js';
import { gradientSums } from '../derivatives/gradient-sums.js';
import { activeUses, allActive } from '../factors/active-parameters.js';
import type { CheckedRequest } from '../request/check-request.js';

const sizeIn = (graph: Graph, output: string): readonly number[] => {
  const id = graph.results.get(output);
  if (id === undefined) throw new Error(`The program has no output ${output}.`);
  return graph.node(id).shape;
};

const workOf = (graph: Graph, runs = 1): MachineWork => {
  const { flops, thinFlops, bytes, productBytes } = countWork(graph);
  return {
    ...noWork,
    products: runs * (flops - thinFlops),
    thinProducts: runs * thinFlops,
    passes: runs * (bytes - productBytes),
    runs,
  };
};

/** The work of a product with `vectors` vectors for one batch of n examples padded to `length` tokens, by tracing its programs. */
export const batchWork = (
  { stages, active, logitWeights, padTo, config }: CheckedRequest,
  { n, length }: { readonly n: number; readonly length: number },
  vectors: number,
): MachineWork => {
  const lengths = { padTo, firstPosition: firstPosition(config) };
  const lowest = active.findIndex((own) => allActive(own).length > 0);
  const parts: MachineWork[] = [];
  let state: readonly number[] | undefined;
  for (const [index, stage] of stages.entries()) {
    const own = active[index]!;
    const shapes = plannedShapes(stage, n, length, state);
    const last = index === stages.length - 1;
    const program = forwardStage({ stage, shapes, keep: [], logitWeights: undefined });
    const forward = trace(program.flat);
    state = sizeIn(forward, program.results.y);
    // Both passes run forward.
    parts.push(workOf(forward, 2));
    if (index < lowest) continue;
    const common = { stage, shapes, kept: {} };
    const sites = [...new Set(activeUses(own).map(({ site }) => site.name))];
    const wanted = { sites, weights: [], input: index > lowest };
    const above = (count: number) => Array.from({ length: count }, () => state!);
    const sums = gradientSums({
      ...{ ...common, active: own, lengths, wanted },
      ...{ above: above(vectors), logitWeights: undefined },
    });
    parts.push(workOf(trace(sums.flat)));
    const derivatives = cotangentProgram({
      ...{ ...common, moving: movingSites(own), wanted },
      above: last ? [] : above(logitWeights.length),
      logitWeights: last ? logitWeights : undefined,
    });
    parts.push(workOf(trace(derivatives.flat)));
    // Each site computes its output with a direction in place of its parameters.
    const numbers = own.matrices.reduce((sum, { inSize, outSize }) => sum + inSize * outSize, 0);
    const tokens = n * (last ? (stage.reads ?? 1) : length);
    parts.push({ ...noWork, products: 2 * vectors * tokens * numbers, runs: vectors });
  }
  return totalWork(parts);
};
