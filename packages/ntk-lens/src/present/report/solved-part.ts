import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { TablePart } from '@ntk-lens/report/page';
import type { SolvedDirectory } from '../../run/solve-directory.js';
import { solveTable } from '../solve-table.js';

/** The solutions that `solve` left in directories with kernels, as a table; undefined where there are none. */
export const solvedPart = async (directories: readonly string[]): Promise<TablePart | undefined> => {
  const solved: SolvedDirectory[] = [];
  for (const directory of directories) {
    const file = join(directory, 'solve.json');
    if (!existsSync(file)) continue;
    solved.push({ ...(JSON.parse(await readFile(file, 'utf8')) as SolvedDirectory), directory });
  }
  return solved.length === 0 ? undefined : { kind: 'table', table: solveTable(solved) };
};
