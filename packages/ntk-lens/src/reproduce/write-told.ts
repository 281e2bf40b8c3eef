import { join } from 'node:path';
import { writeWhole } from '@ntk-lens/core';
import type { PartName } from '../options/reproduce.js';
import { renderTable } from '../present/render-table.js';
import { parts } from './parts/index.js';
import type { Told } from './parts/part.js';

const endings = { md: 'md', csv: 'csv', latex: 'tex' } as const;

/** Writes `parts/<name>.{md,csv,tex}` of every table, `parts/<name>.svg` of every figure, and `index.md`, which has all of them. */
export const writeTold = async (
  directory: string,
  told: readonly (readonly [PartName, Told])[],
): Promise<void> => {
  const sections: string[] = [];
  for (const [part, { tables, figures }] of told) {
    sections.push(`## ${parts[part].title}`);
    for (const [name, table] of Object.entries(tables)) {
      for (const [format, ending] of Object.entries(endings) as ['md' | 'csv' | 'latex', string][])
        await writeWhole(join(directory, 'parts', `${name}.${ending}`), renderTable(table, format));
      sections.push(renderTable(table, 'md').trimEnd());
    }
    for (const [name, figure] of Object.entries(figures)) {
      await writeWhole(join(directory, 'parts', `${name}.svg`), figure);
      sections.push(`![${name}](parts/${name}.svg)`);
    }
  }
  await writeWhole(join(directory, 'index.md'), `${sections.join('\n\n')}\n`);
};
