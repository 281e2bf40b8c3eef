import { defineProgram, trace } from '@ntk-lens/engine';
import {
  type DropoutPlace,
  RecordingContext,
  type Stage,
  type StageShapes,
  stageSpecs,
} from '@ntk-lens/models';

/** Where a stage drops units, by the name of the place, for inputs of these shapes. Nothing is computed. */
export const dropoutPlaces = (stage: Stage, shapes: StageShapes): ReadonlyMap<string, DropoutPlace> => {
  const context = new RecordingContext();
  // Defined for this call and traced once: no runtime gets this program, which leaves what it finds in the context.
  const recorded = defineProgram('places of dropout', {
    inputs: () => stageSpecs({ ...shapes, masks: {} }),
    build: ({ weights, side, x }) => ({ y: stage.apply(context, weights, side, x) }),
  });
  trace(recorded(null).flat);
  return context.places;
};
