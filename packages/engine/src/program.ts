import type * as tf from '@ntk-lens/tfjs';

/** Shape and element type of a program's input. */
export interface TensorSpec {
  /** `ternary` is what the operation of that name returns; it never leaves the runtime. */
  readonly dtype: 'float32' | 'int32' | 'ternary';
  readonly shape: readonly number[];
}

/** Bytes of work memory that programs with `keepWorkspace` keep together between runs. */
export const KEPT_WORKSPACE = 384 * 2 ** 20;

/**
 * A pure function of named tensors, with fixed input shapes. The same program runs eagerly on any tfjs
 * backend or, traced, on ONNX Runtime.
 */
export interface Program {
  /** Names the program in errors and profiles. */
  readonly name: string;
  /**
   * Stands for what the program computes: programs of equal identity and inputs are compiled once. `defineProgram` makes
   * it from the program's structure. Default: the name, which then has to say it all.
   */
  readonly identity?: string;
  readonly inputs: Readonly<Record<string, TensorSpec>>;
  /**
   * Keep the work memory of a compiled program between runs, about this many bytes. Choose it for programs that run
   * several times one after another: the first use of fresh memory costs more than many operations on it. Others give
   * theirs back after every run, and so do those used longest ago, beyond {@link KEPT_WORKSPACE} together.
   */
  readonly keepWorkspace?: number;
  /**
   * All results, and the inputs of most elements, have one shape, and an output element depends on the elements of
   * these inputs at its own place and on smaller inputs as a whole. Choose it where that holds for large tensors, such
   * as optimizer updates: they then run piece by piece, and what is between input and output stays in the processor's
   * caches. `build` is given pieces, flat.
   */
  readonly elementwise?: boolean;
  /** Written in tfjs operations; must not read tensor values, keep state or depend on anything else. */
  readonly build: (inputs: Readonly<Record<string, tf.Tensor>>) => Readonly<Record<string, tf.Tensor>>;
}
