import { type Graph, trace } from '@ntk-lens/engine';
import { forwardStage, type LogitWeights, mapNamed, type Stage, type StageShapes } from '@ntk-lens/models';
import type { VectorLengths } from '../sites/kernel-site.js';
import type { ActiveParameters } from './active-parameters.js';
import { factorProgram, factorsWanted } from './stage-factors.js';

/** The properties that a stage's passes depend on, in addition to its shapes. */
interface PassSettings {
  readonly stage: Stage;
  readonly active: ActiveParameters;
  readonly lengths: VectorLengths;
  /** C. */
  readonly outputs: number;
  /** Combines the logits of the last stage. */
  readonly logitWeights?: LogitWeights;
}

/** Traces a stage's forward pass, which keeps the values of some sites, and gives the backward pass to its factors that reads them. */
export const stagePasses = (
  { stage, active, lengths, outputs, logitWeights }: PassSettings,
  shapes: StageShapes,
  keep: readonly string[],
) => {
  const program = forwardStage({ stage, shapes, keep, logitWeights });
  const forward = trace(program.flat);
  const output = shapeOf(forward, program.results.y);
  const backward = factorProgram({
    ...{ stage, shapes, active, lengths, logitWeights },
    wanted: factorsWanted(active),
    kept: mapNamed(program.results.kept, (name) => shapeOf(forward, name)),
    above: logitWeights ? [] : Array.from({ length: outputs }, () => output),
  });
  return { forward, output, backward };
};

/** Shape of a result of a graph. */
export const shapeOf = (graph: Graph, result: string): readonly number[] => {
  const id = graph.results.get(result);
  if (id === undefined) throw new Error(`The program has no output ${result}.`);
  return graph.node(id).shape;
};
