import { join } from 'node:path';
import { root } from './root.js';

/** Words that start the program from its sources. */
export const program: readonly string[] = [
  ...[process.execPath, '--conditions=@ntk-lens/source', '--import', import.meta.resolve('tsx')],
  join(root, 'packages/ntk-lens/src/bin.ts'),
];
