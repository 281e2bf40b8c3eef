import { formulaOf } from '@ntk-lens/kernels/formulas';
import type { CellResult } from './experiment.js';

/** `SGD kernel`, as tables and figures name it. */
export const kernelName = (formula: CellResult['formula']): string => `${formulaOf(formula).title} kernel`;

/** `SGD kernel, lora:r=8`: with the space where it is not that of all parameters. */
export const cellKernelName = ({ formula, space }: Pick<CellResult, 'formula' | 'space'>): string =>
  space ? `${kernelName(formula)}, ${space.name}` : kernelName(formula);

/** `SGD kernel, no prompt (lstsq)`: a row of the table. */
export const methodName = (
  cell: Pick<CellResult, 'formula' | 'space' | 'withoutPrompt'>,
  { solver }: { readonly solver: string },
): string => `${cellKernelName(cell)}${cell.withoutPrompt ? ', no prompt' : ''} (${solver})`;

/** `ridge 0.01, f0 / 100`: hyperparameters for a table. */
export const chosenText = (chosen: Readonly<Record<string, number | string | boolean | null>>): string => {
  const { f0Scale, ...rest } = chosen;
  const parts = Object.entries(rest).map(([name, value]) => `${name} ${value ?? '∞'}`);
  if (f0Scale !== undefined) parts.push(f0Scale === null ? 'no f0' : `f0 / ${f0Scale}`);
  return parts.join(', ');
};
