import { type FormulaName, formulaNames, formulas } from '@ntk-lens/kernels/formulas';
import { type Command, InvalidArgumentError } from 'commander';
import { names } from './parse-value.js';
import type { GivenOptions } from './resolve-config.js';
import { defaultFormula } from './run-config.js';

/** Options that choose kernel formulas, as commander gives them. */
export interface FormulaFlags {
  readonly formula?: readonly FormulaName[];
  readonly optimizerState?: string;
  readonly optimizerNames?: string;
  readonly optimizerBeta2?: number;
}

const beta2 = (text: string): number => {
  const value = Number(text);
  if (text.trim() !== '' && value >= 0 && value < 1) return value;
  throw new InvalidArgumentError('Expected a number from 0 to below 1.');
};

const listed = formulaNames.map((name) => `${name}: ${formulas[name].purpose}`).join('; ');

/** Adds the options that say how gradients become kernels. */
export const addFormulaOptions = (command: Command): Command =>
  command
    .option(
      '-f, --formula <name,…>',
      `kernel formulas (default: ${defaultFormula}); a kernel for each. ${listed}`,
      names(formulaNames),
    )
    .option(
      '--optimizer-state <file>',
      "the state of Adam or AdamW, such as a checkpoint's optimizer.pt, from which the formula adam takes its second moment v (default: v is the mean squared gradient of the cross-entropy over the training examples)",
    )
    .option(
      '--optimizer-names <file>',
      "JSON list of the state's parameters in its order, where the file only numbers them and their order cannot be found",
    )
    .option('--optimizer-beta2 <x>', 'β₂ of the state, where the file does not say (default: 0.999)', beta2);

/** Flags as fields of a configuration; those not given are left out. */
export const formulaFields = ({
  formula,
  optimizerState,
  optimizerNames,
  optimizerBeta2,
}: FormulaFlags): GivenOptions => ({
  ...(formula && { formulas: [...formula] }),
  ...(optimizerState !== undefined && { optimizerState }),
  ...(optimizerNames !== undefined && { optimizerNames }),
  ...(optimizerBeta2 !== undefined && { optimizerBeta2 }),
});
