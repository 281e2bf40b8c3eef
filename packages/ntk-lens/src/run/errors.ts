import { NtkLensError } from '@ntk-lens/core';

/** A model whose numbers on this machine contradict themselves. */
export class SelfCheckFailedError extends NtkLensError {
  static readonly code = 'SELF_CHECK_FAILED';
  constructor(model: string, failed: readonly string[]) {
    super(
      SelfCheckFailedError.code,
      'failure',
      `Model "${model}": ${failed.length} check${failed.length === 1 ? '' : 's'} failed (${failed.join(', ')}), expected all to pass. Kernels of this model cannot be trusted on this runtime. Try another \`runtime\`, and check the weights.`,
    );
  }
}

/** A directory without results that a report could show. */
export class NoReportError extends NtkLensError {
  static readonly code = 'NO_REPORT';
  constructor(directory: string, found: string) {
    super(
      NoReportError.code,
      'input',
      `${directory}: found ${found}, expected kernels, or the results of "run", "kernel", "finetune", "check", "demo", "pretrain" or "coordinates". Start an unfinished run again, or name the directory of a finished one.`,
    );
  }
}
