import { fileURLToPath } from 'node:url';
import { lastLine, sourceFlags } from '../measure/processes.js';

const root = fileURLToPath(new URL('../../../..', import.meta.url));

/**
 * Runs `ntk-lens` of this checkout on the terminal; one that is interrupted goes on when it is started again.
 *
 * @throws MeasurementFailedError
 */
export const runProgram = async (argv: readonly string[]): Promise<void> => {
  const bin = fileURLToPath(new URL('../../../../packages/ntk-lens/src/bin.ts', import.meta.url));
  await lastLine(process.execPath, [...sourceFlags(), bin, ...argv], { output: 'terminal', cwd: root });
};
