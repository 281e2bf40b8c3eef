import { NtkLensError, nearestName } from '@ntk-lens/core';

/** A model that is neither a directory nor anything else that can be found. */
export class UnknownModelError extends NtkLensError {
  static readonly code = 'UNKNOWN_MODEL';
  constructor(name: string, why: string, known: readonly string[], options?: { cause?: unknown }) {
    const last = (path: string): string => path.split(/[/\\]/).findLast(Boolean) ?? '';
    const near = nearestName(last(name), known.map(last));
    const hint = near === undefined ? '' : ` Did you mean "${known.find((path) => last(path) === near)}"?`;
    super(
      UnknownModelError.code,
      'input',
      `Model "${name}": ${why}.${hint} Models found here, which need no network: ${known.join(', ')}. Give a Hugging Face model directory or id, or name no model for the embedded one.`,
      options,
    );
  }
}

/** The embedded model was asked for, and its package is not installed. */
export class NoEmbeddedModelError extends NtkLensError {
  static readonly code = 'NO_EMBEDDED_MODEL';
  constructor(why: string, options?: { cause?: unknown }) {
    super(
      NoEmbeddedModelError.code,
      'input',
      `The embedded model cannot be opened: ${why}. Install it with "npm install @ntk-lens/minilm-mlm", or name another \`model\`.`,
      options,
    );
  }
}

/** A session that was used after it was closed. */
export class LensClosedError extends NtkLensError {
  static readonly code = 'LENS_CLOSED';
  constructor(method: string) {
    super(
      LensClosedError.code,
      'input',
      `lens.${method}: found a session that is closed, expected an open one. Open another with openLens, or close this one later.`,
    );
  }
}

/** A task that cannot be done with these options. */
export class TaskNotPossibleError extends NtkLensError {
  static readonly code = 'TASK_NOT_POSSIBLE';
  constructor(task: string, found: string, advice: string) {
    super(TaskNotPossibleError.code, 'input', `Task "${task}": ${found}. ${advice}`);
  }
}

/** An example whose prompt breaks; names the example and keeps the code of the cause. */
export class BadExampleError extends NtkLensError {
  static readonly code = 'BAD_EXAMPLE';
  constructor(split: string, index: number, cause: NtkLensError) {
    super(BadExampleError.code, 'input', `${split} example ${index + 1}: ${cause.message}`, { cause });
  }
}

/** Examples of which the k-shot sample leaves nothing to test on. */
export class NothingLeftError extends NtkLensError {
  static readonly code = 'NOTHING_LEFT';
  constructor(file: string, shots: number) {
    super(
      NothingLeftError.code,
      'input',
      `${file}: every example is drawn for training or development at ${shots} shots, expected some more for the test set. Lower \`shots\`.`,
    );
  }
}

/** A kernel that lacks what new texts need: its training examples, or the model that it was computed with. */
export class NotPredictableError extends NtkLensError {
  static readonly code = 'NOT_PREDICTABLE';
  constructor(found: string, advice: string) {
    super(NotPredictableError.code, 'input', `Prediction: found ${found}. ${advice}`);
  }
}

/** Work that keeps files, in a page. */
export class NoDiskError extends NtkLensError {
  static readonly code = 'NO_DISK';
  constructor() {
    super(
      NoDiskError.code,
      'input',
      'Files: found a page, which has no disk, expected Node. Leave `directory` out, or run this part in Node.',
    );
  }
}

/** A vocabulary that has not a word of its own for every label. */
export class NoLabelWordsError extends NtkLensError {
  static readonly code = 'NO_LABEL_WORDS';
  constructor(labels: readonly string[]) {
    super(
      NoLabelWordsError.code,
      'input',
      `Label words: found fewer words in the model's vocabulary than the labels ${labels.slice(0, 10).join(', ')} need, expected one for each. Give tokens as \`words\`, by "token:" and its spelling in the vocabulary.`,
    );
  }
}

/** A process that was to compute parts of a kernel with another runtime than the others. */
export class OtherRuntimeError extends NtkLensError {
  static readonly code = 'OTHER_RUNTIME';
  constructor(differences: readonly string[]) {
    super(
      OtherRuntimeError.code,
      'input',
      `The parts of this kernel are planned for another runtime (${differences.join('; ')}), and the last bits of its results would differ. Use that runtime and number of threads, or set \`mixed\` and pass the probe of the plan.`,
    );
  }
}

/** A process of another kind whose numbers are too far from those of the others. */
export class ToleranceError extends NtkLensError {
  static readonly code = 'TOLERANCE';
  constructor(deviation: number, tolerance: number) {
    super(
      ToleranceError.code,
      'failure',
      `A kernel of two training examples deviates by ${deviation.toExponential(1)} of its largest entry from the kernel in the plan, expected at most ${tolerance.toExponential(1)}. The results of this process would not fit those of the others. Use a machine of the planned kind, and check this one with "ntk-lens doctor".`,
    );
  }
}

const inMebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;

/** A kernel that is larger than the memory which it may take, and something that needs it there. */
export class LargeKernelError extends NtkLensError {
  static readonly code = 'LARGE_KERNEL';
  constructor(found: string, expected: string, advice: string) {
    super(LargeKernelError.code, 'input', `Memory: found ${found}, expected ${expected}. ${advice}`);
  }

  /** @param bytes size of the arrays of the kernel */
  static needs(what: string, bytes: number, memory: number): LargeKernelError {
    return new LargeKernelError(
      inMebibytes(memory),
      `at least ${inMebibytes(2 * bytes)}, because ${what} needs the kernels of ${inMebibytes(bytes)} in memory`,
      'Raise `memory`, or use a solver that reads kernels from the disk: `lstsq` with a ridge above 0 by conjugate gradients, or `gradient-flow` to a finite time.',
    );
  }

  static budget(memory: number, least: number): LargeKernelError {
    return new LargeKernelError(
      inMebibytes(memory),
      `at least ${inMebibytes(least)} for a kernel that is read block by block`,
      'Raise `memory`.',
    );
  }
}
