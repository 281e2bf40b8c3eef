import type { StepKind } from '@ntk-lens/models';

/** One model of a ladder. */
export interface LadderRung {
  readonly directory: string;
  readonly width: number;
  /** Models of one width differ in it; counted from 0 where a directory does not say. */
  readonly seed: number;
  /** `pretrainLadder` wrote it. */
  readonly pretrained: boolean;
  /** That `model.hash()` must have; absent where the directory lists the hashes of its files. */
  readonly hash?: string;
  /** Everything that the models of a ladder have in common. */
  readonly scheme: Readonly<Record<string, unknown>>;
  /** Factors on learning rates at this width, by kind of step: all 1 for models of unknown parametrization. */
  readonly learningRateScale: (step: StepKind) => (parameter: string) => number;
}
