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

/** A forward pass that was traced, with the shapes of its output and of the values that it keeps. */
interface ForwardPass {
  readonly graph: Graph;
  readonly output: readonly number[];
  readonly kept: Readonly<Record<string, readonly number[]>>;
}

/** Traces a stage's forward pass, which keeps the values of some sites. */
export const forwardPass = (
  { stage, logitWeights }: Pick<PassSettings, 'stage' | 'logitWeights'>,
  shapes: StageShapes,
  keep: readonly string[],
): ForwardPass => {
  const program = forwardStage({ stage, shapes, keep, logitWeights });
  const graph = trace(program.flat);
  // The names of the results are known from the trace.
  const { y, kept } = program.results;
  return { graph, output: shapeOf(graph, y), kept: mapNamed(kept, (name) => shapeOf(graph, name)) };
};

/** The backward pass of a stage to its factors, which reads what a forward pass kept. */
export const backwardPass = (
  { stage, active, lengths, outputs, logitWeights }: PassSettings,
  shapes: StageShapes,
  { output, kept }: Pick<ForwardPass, 'output' | 'kept'>,
) =>
  factorProgram({
    ...{ stage, shapes, active, lengths, logitWeights, kept },
    wanted: factorsWanted(active),
    above: logitWeights ? [] : Array.from({ length: outputs }, () => output),
  });

/** Shape of a result of a graph. */
export const shapeOf = (graph: Graph, result: string): readonly number[] => {
  const id = graph.results.get(result);
  if (id === undefined) throw new Error(`The program has no output ${result}.`);
  return graph.node(id).shape;
};
