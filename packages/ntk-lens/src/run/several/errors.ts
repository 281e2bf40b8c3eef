import { isNtkLensError, NtkLensError } from '@ntk-lens/core';

/** Tasks whose data are not where they were looked for. */
export class MissingTasksError extends NtkLensError {
  static readonly code = 'MISSING_TASKS';
  constructor(missing: Readonly<Record<string, string>>, left: number) {
    const names = Object.keys(missing);
    const rest =
      left === 0
        ? 'No task is left.'
        : `${left === 1 ? 'One other task has' : `${left} other tasks have`} data. Get the missing data, or set \`skipMissing\` to continue with ${left === 1 ? 'that task' : 'those tasks'}.`;
    super(
      MissingTasksError.code,
      'input',
      `Found no data for ${names.join(', ')}. ${names.map((name) => `${name}: ${missing[name]}`).join(' ')} ${rest}`,
    );
  }
}

/** One of several tasks that is refused; its name, and the error as `cause`. */
export class TaskRefusedError extends NtkLensError {
  static readonly code = 'TASK_REFUSED';
  constructor(task: string, cause: NtkLensError) {
    super(TaskRefusedError.code, 'input', `${task}: ${cause.message}`, { cause });
  }
}

/**
 * Does the part of the work on several tasks that can refuse one of them.
 *
 * @throws TaskRefusedError in place of an error of input, with the name of the task
 */
export const namingTask = async <T>(task: string, work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    throw isNtkLensError(error) && error.kind === 'input' ? new TaskRefusedError(task, error) : error;
  }
};
