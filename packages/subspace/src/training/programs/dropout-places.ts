import { defineProgram, trace } from '@ntk-lens/engine';
import {
  type DropoutPlace,
  RecordingContext,
  type Stage,
  type StageShapes,
  stageSpecs,
} from '@ntk-lens/models';

interface Recorded {
  readonly stage: Stage;
  readonly shapes: StageShapes;
  readonly context: RecordingContext;
}

const recorded = defineProgram('places of dropout', {
  inputs: ({ shapes }: Recorded) => stageSpecs(shapes),
  build: ({ weights, side, x }, { stage, context }) => ({ y: stage.apply(context, weights, side, x) }),
});

/** Where a stage drops units, by the name of the place, for inputs of these shapes. Nothing is computed. */
export const dropoutPlaces = (stage: Stage, shapes: StageShapes): ReadonlyMap<string, DropoutPlace> => {
  const context = new RecordingContext();
  // Traced alone: no runtime gets this program, which leaves what it finds in the context.
  trace(recorded({ stage, shapes: { ...shapes, masks: {} }, context }).flat);
  return context.places;
};
