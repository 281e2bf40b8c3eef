import { type ErrorKind, NtkLensError } from '@ntk-lens/core';

/** An error whose code stands in its class. */
abstract class SolverError extends NtkLensError {
  constructor(message: string, kind: ErrorKind = 'input') {
    super((new.target as unknown as { readonly code: string }).code, kind, message);
  }
}

/** A kernel, logit or target that is NaN or infinite. */
export class NonFiniteKernelError extends SolverError {
  static readonly code = 'NON_FINITE_KERNEL';
  constructor(what: string, index: readonly number[], value: number) {
    super(
      `${what} has ${value} at index [${index.join(', ')}], expected finite numbers. ` +
        'Compute it again; a model with overflowing activations needs its weights checked first.',
    );
  }
}

/** A kernel that is zero everywhere, or so large or small that its squares leave the range of float64. */
export class KernelRangeError extends SolverError {
  static readonly code = 'KERNEL_RANGE';
  constructor(what: string, largest: number) {
    super(
      `${what}: the largest entry has size ${largest}, expected between 1e-100 and 1e100. ` +
        'A kernel of zeros means that the logits do not depend on the chosen parameters; rescale others.',
    );
  }
}

/** An array of a split whose shape does not fit the others. */
export class KernelShapeError extends SolverError {
  static readonly code = 'KERNEL_SHAPE';
  constructor(
    what: string,
    found: readonly number[],
    expected: string,
    advice = 'Pass the arrays of one split together.',
  ) {
    super(`${what} has shape [${found.join(', ')}], expected ${expected}. ${advice}`);
  }
}

/** A train kernel that claims to be symmetric and is not, beyond rounding. */
export class AsymmetricKernelError extends SolverError {
  static readonly code = 'ASYMMETRIC_KERNEL';
  constructor(row: number, column: number, difference: number, scale: number) {
    super(
      `The train kernel differs from its transpose by ${difference.toExponential(3)} at flattened entry ` +
        `(${row}, ${column}); its largest entry is ${scale.toExponential(3)}, so a symmetric kernel was expected to ` +
        'agree within rounding. Use the `asym` solver for A-SignGD, or say `symmetric: false`.',
    );
  }
}

/** A train kernel with an eigenvalue below zero, beyond rounding. */
export class IndefiniteKernelError extends SolverError {
  static readonly code = 'INDEFINITE_KERNEL';
  constructor(
    readonly mostNegativeEigenvalue: number,
    readonly largestEigenvalue: number,
  ) {
    super(
      `The train kernel is indefinite: its most negative eigenvalue is ${mostNegativeEigenvalue.toExponential(4)} ` +
        `(largest ${largestEigenvalue.toExponential(4)}), expected none below zero beyond rounding. ` +
        'Check how it was made, or say `allowIndefinite: true` to solve it anyway.',
    );
  }
}

/** Labels or targets that do not fit the kernel. */
export class LabelsError extends SolverError {
  static readonly code = 'LABELS_DO_NOT_FIT';
  constructor(found: string, expected: string) {
    super(
      `Labels do not fit the kernel: found ${found}, expected ${expected}. Check that labels and kernel are of one run.`,
    );
  }
}

/** A training set with examples of one class only. */
export class OneClassError extends SolverError {
  static readonly code = 'ONE_CLASS';
  constructor(label: number, count: number) {
    super(
      `All ${count} training examples have label ${label}, expected at least two classes. Add examples of another class.`,
    );
  }
}

/** A-SignGD prediction without ⟨∇f(train), sign ∇f(query)⟩. */
export class MissingFlippedKernelError extends SolverError {
  static readonly code = 'MISSING_FLIPPED_KERNEL';
  constructor() {
    super(
      'The split has no flipped kernel; the `asym` solver expected ⟨∇f(train), sign ∇f(query)⟩ with the kernel. ' +
        'Compute the kernel with formula a-signgd, which stores both, or choose another solver.',
    );
  }
}

/** A solver for single-output kernels was given one with several logits. */
export class SingleOutputError extends SolverError {
  static readonly code = 'SINGLE_OUTPUT_ONLY';
  constructor(solver: string, logits: number) {
    super(
      `Solver \`${solver}\` was given a kernel of ${logits} logits, expected one (binary mode). ` +
        'Compute the kernel in binary mode or choose another solver.',
    );
  }
}

/** `predict` on a split that was made for another training set. */
export class MismatchedSplitError extends SolverError {
  static readonly code = 'MISMATCHED_SPLIT';
  constructor(
    found: readonly number[],
    trainExamples: number,
    logits: number,
    advice = 'Files of different runs may be mixed.',
  ) {
    super(
      `The split's kernel has shape [${found.join(', ')}], expected [${trainExamples}, ${logits}, queries, ${logits}] as in training. ${advice}`,
    );
  }
}

/** `predict` or `toJSON` before `fit`. */
export class NotFittedError extends SolverError {
  static readonly code = 'NOT_FITTED';
  constructor(solver: string) {
    super(`Solver \`${solver}\` has no solution yet. Call \`fit\` first.`);
  }
}

/** Saved JSON that is not a solver of this package. */
export class SolverJsonError extends SolverError {
  static readonly code = 'SOLVER_JSON';
  constructor(found: string, expected: string) {
    super(`This is not a saved solver: found ${found}, expected ${expected}. Save it again with \`toJSON\`.`);
  }
}

/** An iteration that did not converge within its limit. */
export class ConvergenceError extends SolverError {
  static readonly code = 'NO_CONVERGENCE';
  constructor(what: string, limit: number, advice: string) {
    super(`${what} did not converge within ${limit} iterations. ${advice}`, 'failure');
  }
}
