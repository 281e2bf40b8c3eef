import { NtkLensError } from '@ntk-lens/core';

/** A model that is neither a directory nor anything else that can be found. */
export class UnknownModelError extends NtkLensError {
  static readonly code = 'UNKNOWN_MODEL';
  constructor(name: string, why: string, known: readonly string[], options?: { cause?: unknown }) {
    super(
      UnknownModelError.code,
      'input',
      `Model "${name}": ${why}. Models found here: ${known.join(', ')}. Give a Hugging Face model directory or id, or leave --model out for the embedded model.`,
      options,
    );
  }
}

/** A task that this command cannot do with these options. */
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

/** A model whose numbers on this machine contradict themselves. */
export class SelfCheckFailedError extends NtkLensError {
  static readonly code = 'SELF_CHECK_FAILED';
  constructor(model: string, failed: readonly string[]) {
    super(
      SelfCheckFailedError.code,
      'failure',
      `Model "${model}": ${failed.length} check${failed.length === 1 ? '' : 's'} failed (${failed.join(', ')}), expected all to pass. Kernels of this model cannot be trusted on this runtime: try another --runtime, and check the weights.`,
    );
  }
}
