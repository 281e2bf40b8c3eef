import { NtkLensError } from '@ntk-lens/core';

/** Tasks whose data are not where they were looked for. */
export class MissingTasksError extends NtkLensError {
  static readonly code = 'MISSING_TASKS';
  constructor(missing: Readonly<Record<string, string>>, left: number) {
    const names = Object.keys(missing);
    const rest =
      left === 0
        ? 'No task is left.'
        : `The data of ${left === 1 ? 'one other task is' : `${left} other tasks are`} there: \`skipMissing\` goes on with ${left === 1 ? 'it' : 'them'}.`;
    super(
      MissingTasksError.code,
      'input',
      `Found no data for ${names.join(', ')}. ${names.map((name) => `${name}: ${missing[name]}`).join(' ')} ${rest}`,
    );
  }
}
