import { didYouMean, NtkLensError, sizeOf } from '@ntk-lens/core';

const MIB = 2 ** 20;

/** The memory budget does not hold the kernel, and one row and one column example. */
export class MemoryBudgetError extends NtkLensError {
  static readonly code = 'MEMORY_BUDGET';
  /** The smallest budget that works, bytes. */
  readonly smallest: number;
  /** @param arrays bytes of `smallest` that the kernel itself takes */
  constructor(budget: number, smallest: number, arrays = 0) {
    const large =
      arrays > smallest / 2
        ? ` The kernel itself takes ${Math.ceil(arrays / MIB)} MiB of it: take fewer labels, \`shots\` or test examples (\`limitTest\`).`
        : '';
    super(
      MemoryBudgetError.code,
      'input',
      `Memory budget: found ${Math.floor(budget / MIB)} MiB, expected at least ${Math.ceil(smallest / MIB)} MiB for this model, these examples and batch size. Raise \`memory\` or lower \`batchSize\`.${large}`,
    );
    this.smallest = smallest;
  }
}

/** The memory budget does not hold what a self-check compares. */
export class SelfCheckMemoryError extends NtkLensError {
  static readonly code = 'SELF_CHECK_MEMORY';
  constructor(budget: number, smallest: number) {
    super(
      SelfCheckMemoryError.code,
      'input',
      `Memory budget: found ${Math.floor(budget / MIB)} MiB, expected at least ${Math.ceil(smallest / MIB)} MiB to check this model. The check holds the weights, a gradient and a direction of the same size in memory at once. Raise \`memory\`, or check a smaller model of the same architecture.`,
    );
  }
}

/** A kernel with more entries than an array holds. */
export class KernelSizeError extends NtkLensError {
  static readonly code = 'KERNEL_SIZE';
  constructor(shape: readonly number[], most: number) {
    super(
      KernelSizeError.code,
      'input',
      `A kernel of shape [${shape.join(', ')}] (training examples, labels, all examples, labels) has ${sizeOf(shape)} entries, expected at most ${most}. Take fewer labels, \`shots\` or test examples (\`limitTest\`).`,
    );
  }
}

/** A kernel entry became NaN or infinite. */
export class NonFiniteKernelError extends NtkLensError {
  static readonly code = 'NON_FINITE_KERNEL';
  constructor(stage: string, value: number) {
    super(
      NonFiniteKernelError.code,
      'failure',
      `The kernel contribution of stage "${stage}" holds ${value}; expected finite numbers. Gradients overflow float32 there. Check the weights, or leave the stage out.`,
    );
  }
}

/** All gradients are zero: the outputs do not depend on the chosen parameters. */
export class ZeroGradientError extends NtkLensError {
  static readonly code = 'ZERO_GRADIENT';
  constructor() {
    super(
      ZeroGradientError.code,
      'input',
      'All gradients are zero, expected logits that depend on the chosen parameters. Check the parameter filter and the model.',
    );
  }
}

/** No parameter passes the filter. */
export class NoParametersError extends NtkLensError {
  static readonly code = 'NO_PARAMETERS';
  constructor(examples: readonly string[]) {
    super(
      NoParametersError.code,
      'input',
      `No parameter was chosen, expected at least one. The model has, for example, ${examples.slice(0, 6).join(', ')}. Choose patterns that fit such names.`,
    );
  }
}

/** A tile directory belongs to another computation. */
export class OtherTilesError extends NtkLensError {
  static readonly code = 'OTHER_TILES';
  constructor(
    directory: string,
    differences: readonly { field: string; found: unknown; expected: unknown }[],
  ) {
    const list = differences.map(
      (d) => `${d.field}: found ${JSON.stringify(d.found)}, expected ${JSON.stringify(d.expected)}`,
    );
    super(
      OtherTilesError.code,
      'input',
      `The tiles in ${directory} belong to another computation (${list.join('; ')}). Choose another directory, or remove this one.`,
    );
  }
}

/** A directory of tiles of another version. */
export class OldTilesError extends NtkLensError {
  static readonly code = 'OLD_TILES';
  constructor(
    directory: string,
    /** Version that was found; 1 is the one that did not name itself. */
    readonly found: number,
    expected: number,
  ) {
    super(
      OldTilesError.code,
      'input',
      `The tiles in ${directory} are unfinished work of another version: found version ${found}, expected ${expected}. Remove the folder or set \`force: true\` to compute the kernels from the start.`,
    );
  }
}

/** Factors of training examples in a store that turned out to be lost or damaged, again and again. */
export class LostStatesError extends NtkLensError {
  static readonly code = 'LOST_STATES';
  /** The share that is not whole. */
  readonly share: number;
  constructor(share: number) {
    super(
      LostStatesError.code,
      'failure',
      `The factors of the training examples, share ${share}, are lost or damaged in the store, expected the numbers that were written. They were computed again without success. Check the disk, then start again.`,
    );
    this.share = share;
  }
}

/** A kernel that was to be put together before all of its tiles are there. */
export class MissingTilesError extends NtkLensError {
  static readonly code = 'MISSING_TILES';
  constructor(tile: number, tiles: number) {
    super(
      MissingTilesError.code,
      'input',
      `Tile ${tile} of the ${tiles} tiles of a kernel is missing or damaged, expected all tiles. Compute it, then put the kernel together.`,
    );
  }
}

/** A kernel formula that does not exist. */
export class UnknownFormulaError extends NtkLensError {
  static readonly code = 'UNKNOWN_FORMULA';
  constructor(found: string, known: readonly string[]) {
    super(
      UnknownFormulaError.code,
      'input',
      `Formula: found "${found}", expected one of ${known.join(', ')}.${didYouMean(found, known)} Choose one of these, or pass a formula of your own as a value.`,
    );
  }
}

/** A formula that cannot be computed as the request asks. */
export class FormulaNotAvailableError extends NtkLensError {
  static readonly code = 'FORMULA_NOT_AVAILABLE';
  constructor(formula: string, found: string, advice: string) {
    super(FormulaNotAvailableError.code, 'input', `Formula "${formula}": found ${found}. ${advice}`);
  }
}

/** An optimizer state that lacks a parameter of the kernel. */
export class NoSecondMomentError extends NtkLensError {
  static readonly code = 'NO_SECOND_MOMENT';
  constructor(parameter: string) {
    super(
      NoSecondMomentError.code,
      'input',
      `The optimizer state has no second moment of ${parameter}, expected one for every parameter of the kernel. Choose parameters that the optimizer trained, or leave the state out.`,
    );
  }
}

/** A second moment that is no mean of squares, or too large for float32. */
export class BadSecondMomentError extends NtkLensError {
  static readonly code = 'BAD_SECOND_MOMENT';
  constructor(parameter: string, value: number) {
    super(
      BadSecondMomentError.code,
      'failure',
      `The second moment of ${parameter} holds ${value}; expected finite numbers from 0. Check the optimizer state, or, without one, the weights: squared gradients overflow float32 there.`,
    );
  }
}

/** A product with an operator that was closed. */
export class OperatorClosedError extends NtkLensError {
  static readonly code = 'OPERATOR_CLOSED';
  constructor() {
    super(
      OperatorClosedError.code,
      'input',
      'The kernel operator was closed, and its weights are no longer in memory; expected an open one. Open it again with `openKernelOperators`.',
    );
  }
}
