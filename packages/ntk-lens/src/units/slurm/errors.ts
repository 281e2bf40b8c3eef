import { NtkLensError, type SlurmAnswer } from '@ntk-lens/core';

/** A machine without a program of SLURM. */
export class SlurmMissingError extends NtkLensError {
  static readonly code = 'SLURM_MISSING';
  constructor(program: string) {
    super(
      SlurmMissingError.code,
      'input',
      `The program ${program} was not found on the PATH, expected an installation of SLURM. Submit from the login node of a cluster (maybe after "module load slurm"). On a cluster of your own, install SLURM; on Debian, run "apt-get install slurm-wlm munge". On one machine, use --workers, which needs no SLURM.`,
    );
  }
}

/** A program of SLURM that did not do what it was asked. */
export class SlurmRefusedError extends NtkLensError {
  static readonly code = 'SLURM_REFUSED';
  constructor(program: string, { code, stdout, stderr }: SlurmAnswer, done = 'Nothing was submitted.') {
    const words = (stderr.trim() || stdout.trim() || 'nothing').replace(/[^.]$/, '$&.');
    super(
      SlurmRefusedError.code,
      'input',
      `${program} ended ${code === undefined ? 'without an answer' : `with exit code ${code}`}, and said: ${words} ${done} Change the options that ${program} names, or ask the administrator of the cluster.`,
    );
  }
}

/** A directory whose jobs go on. */
export class JobsRunningError extends NtkLensError {
  static readonly code = 'JOBS_RUNNING';
  constructor(directory: string, states: string, ids: readonly string[]) {
    super(
      JobsRunningError.code,
      'input',
      `${directory} has jobs that have not ended (${states}), expected none. Wait until "ntk-lens status" shows that they ended, or cancel them with "scancel ${ids.join(' ')}". Then submit again. Finished units are kept.`,
    );
  }
}

/** An option that is not passed to sbatch. */
export class SbatchOptionError extends NtkLensError {
  static readonly code = 'SBATCH_OPTION';
  constructor(found: string, why: string, advice: string) {
    super(SbatchOptionError.code, 'input', `\`sbatch\`: found ${JSON.stringify(found)}, ${why}. ${advice}`);
  }
}

/** A directory whose path SLURM reads in another way. */
export class SlurmPathError extends NtkLensError {
  static readonly code = 'SLURM_PATH';
  constructor(directory: string) {
    super(
      SlurmPathError.code,
      'input',
      `${directory} has a backslash in its path, expected none, because SLURM drops it from the paths of logs. Rename the folder, or plan the work in another directory.`,
    );
  }
}

/** A record of jobs that is not what submitting wrote. */
export class DamagedJobsError extends NtkLensError {
  static readonly code = 'DAMAGED_JOBS';
  constructor(file: string, found: string) {
    super(
      DamagedJobsError.code,
      'input',
      `${file}: found ${found}, expected a record that "ntk-lens submit" wrote. Check with "squeue --me" that none of its jobs is running, remove the file, and submit again.`,
    );
  }
}

/** A worker that was to be an element of an array, and is none. */
export class NoElementError extends NtkLensError {
  static readonly code = 'NO_ELEMENT';
  constructor() {
    super(
      NoElementError.code,
      'input',
      'Neither SLURM_JOB_ID nor SLURM_ARRAY_TASK_ID is set, expected both, which SLURM sets for the elements of an array. Start such workers with "ntk-lens submit", or name a share with `index`.',
    );
  }
}

/** An element whose time is nearly over, and which waits for its next run. */
export class RequeuedError extends NtkLensError {
  static readonly code = 'REQUEUED';
  constructor() {
    super(
      RequeuedError.code,
      'cancelled',
      'The time limit of this job is nearly reached. The job was put back into the queue, and its next run continues with the unfinished units.',
    );
  }
}

/** An element that reached its time limit again and again. */
export class TimeLimitError extends NtkLensError {
  static readonly code = 'TIME_LIMIT';
  constructor(times: number) {
    super(
      TimeLimitError.code,
      'failure',
      `The job was started ${times} times and reached its time limit each time, expected it to finish its share of the units. Submit again with a longer --time, or plan the work for more workers. Finished units are kept.`,
    );
  }
}
