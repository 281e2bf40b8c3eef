import type { tf } from '@ntk-lens/engine';

/** Tensors of one variable, all of its shape. */
export interface OptimizerTensors {
  readonly value: tf.Tensor;
  /** Already clipped. */
  readonly gradient: tf.Tensor;
  /** By name, as {@link Optimizer.state} lists them; zeros before the first step. */
  readonly state: Readonly<Record<string, tf.Tensor>>;
}

/** The result of an update. */
export interface OptimizerUpdate {
  readonly value: tf.Tensor;
  readonly state: Readonly<Record<string, tf.Tensor>>;
}

/**
 * The part of {@link Optimizer} that a definition makes of its settings; every definition gets the rest in
 * the same way.
 */
export type OptimizerSteps = Omit<Optimizer, 'name' | 'identity'>;

/** One step of an optimizer as elementwise operations on tensors that stay where they are. */
export interface Optimizer {
  readonly name: string;
  /** Equal for optimizers with equal updates: the name and all settings. */
  readonly identity: string;
  /** Names of its state tensors. */
  readonly state: readonly string[];
  /** True when weights decay even without a gradient. */
  readonly decays: boolean;
  /**
   * Numbers that change from step to step, computed in float64.
   *
   * @param step from 1
   */
  scalars(step: number, learningRate: number): readonly number[];
  /**
   * @param scalars one tensor of shape [] for each number of `scalars`
   * @param decay whether weight decay applies to this variable
   */
  update(tensors: OptimizerTensors, scalars: readonly tf.Tensor[], decay: boolean): OptimizerUpdate;
}
