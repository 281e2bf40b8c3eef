import { join } from 'node:path';
import { root } from './root.js';

/** Options of Node that run TypeScript, with the packages from their sources. */
export const sources: readonly string[] = [
  '--conditions=@ntk-lens/source',
  '--import',
  import.meta.resolve('tsx'),
];

/** Words that start the program from its sources. */
export const program: readonly string[] = [
  process.execPath,
  ...sources,
  join(root, 'packages/ntk-lens/src/bin.ts'),
];
