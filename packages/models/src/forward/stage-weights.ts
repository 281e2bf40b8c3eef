import type { Resident } from '@ntk-lens/engine';
import type { Named } from '../chain/stage-tensors.js';
import type { WeightedStage } from './weight-uses.js';

/** Weights of stages in a runtime's memory: all of them, or those of the stages at which the work is. */
export interface StageWeights {
  /**
   * A stage's weights by local name, as `Stage.weights` has them. Where weights stream, they stay until the weights of
   * another stage are asked for.
   */
  of(stage: WeightedStage): Named<Resident> | Promise<Named<Resident>>;
  /**
   * Says that nothing runs on any stage's weights until this stage's are asked for. Where weights stream, the others make
   * room, and these are read meanwhile.
   */
  turnTo(stage: WeightedStage): void;
  /** Frees all of them. */
  release(): void | Promise<void>;
}
